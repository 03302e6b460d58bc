# The service of docs/service.md. The bundle is no part of the image: mount it, read-only, at /bundle.
#
#   docker build --tag forecaster .
#   docker run --rm --read-only --publish 8000:8000 --volume "$PWD/run/bundle:/bundle:ro" forecaster

# By its digest, so that a build is of what was tested. `docker buildx imagetools inspect python:3.11.17-slim` says it; for
# a newer release write both here, or give them with --build-arg.
ARG PYTHON=python:3.11.17-slim@sha256:45037981b62b34b44602584fccbc4d884d5f7dc92c7ee86bb38a698a79fe1e51

FROM ${PYTHON} AS build
WORKDIR /source
# Nothing is installed but the files of these hashes; `make hashes` writes them.
COPY requirements requirements
RUN ["pip", "install", "--no-cache-dir", "--require-hashes", "--only-binary", ":all:", "--requirement", "requirements/build.txt"]
# No pip in what is shipped.
RUN ["python", "-m", "venv", "--without-pip", "/opt/forecaster"]
RUN ["pip", "--python", "/opt/forecaster/bin/python", "install", "--no-cache-dir", \
     "--require-hashes", "--only-binary", ":all:", "--requirement", "requirements/image.txt"]
COPY pyproject.toml README.md LICENSE ./
COPY deploy deploy
COPY forecaster forecaster
RUN ["pip", "wheel", "--no-cache-dir", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", "/wheels", "."]
RUN ["pip", "--python", "/opt/forecaster/bin/python", "install", "--no-cache-dir", "--no-index", \
     "--find-links", "/wheels", "lstm-forecaster[serve,cpu]"]

FROM ${PYTHON}
COPY --from=build /opt/forecaster /opt/forecaster
WORKDIR /opt/forecaster
# A number, so that Kubernetes sees that it is not root; it owns no file and has no home.
USER 10001:10001
EXPOSE 8000
# Of the port that the service was started with; Kubernetes has probes of its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
     CMD ["/opt/forecaster/bin/python", "-m", "deploy.server", "--health"]
# The process is the first of the container, so SIGTERM reaches it and it drains.
ENTRYPOINT ["/opt/forecaster/bin/python", "-m", "deploy.server", "--host", "0.0.0.0"]
CMD ["/bundle"]
