# The service of docs/service.md. The bundle is no part of the image: mount it, read-only, at /bundle.
#
#   docker build --tag forecaster .
#   docker run --rm --read-only --publish 8000:8000 --volume "$PWD/run/bundle:/bundle:ro" forecaster

# The minor release that the tests run on; its patches come with each build.
FROM python:3.11-slim AS build
WORKDIR /source
COPY constraints.txt .
RUN ["pip", "install", "--no-cache-dir", "--constraint", "constraints.txt", "hatchling"]
COPY pyproject.toml README.md LICENSE ./
COPY deploy deploy
COPY forecaster forecaster
# tzdata: the clocks of models with a time zone, whatever the system knows of them.
RUN ["pip", "wheel", "--no-cache-dir", "--no-build-isolation", "--constraint", "constraints.txt", \
     "--wheel-dir", "/wheels", ".[serve,cpu]", "tzdata"]
# From these wheels and no index: nothing of the same name can slip in. No pip in what is shipped.
RUN ["python", "-m", "venv", "--without-pip", "/opt/forecaster"]
RUN ["pip", "--python", "/opt/forecaster/bin/python", "install", "--no-cache-dir", "--no-index", \
     "--find-links", "/wheels", "lstm-forecaster[serve,cpu]", "tzdata"]

FROM python:3.11-slim
COPY --from=build /opt/forecaster /opt/forecaster
WORKDIR /opt/forecaster
# A number, so that Kubernetes sees that it is not root; it owns no file and has no home.
USER 10001:10001
EXPOSE 8000
# Of port 8000, past any proxy of the environment; Kubernetes has probes of its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/opt/forecaster/bin/python", "-c", \
     "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/v2/health/ready', timeout=3)"]
# The process is the first of the container, so SIGTERM reaches it and it drains.
ENTRYPOINT ["/opt/forecaster/bin/python", "-m", "deploy.server", "--host", "0.0.0.0"]
CMD ["/bundle"]
