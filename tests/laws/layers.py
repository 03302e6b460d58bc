"""The layers of both packages, lowest first: a module imports from layers below it, or from its own room.

Each line is one layer; rooms on one line do not know each other. A name covers all below it that has no line
of its own.
"""

DEPLOY = (
    ("deploy.errors",),
    ("deploy.places",),
    ("deploy.overwriting", "deploy.sources"),
    ("deploy.time",),
    ("deploy.columns", "deploy.cells"),
    ("deploy.bundle",),
    ("deploy.request",),
    ("deploy.forecast",),
    ("deploy.engine", "deploy.adaptive"),
    ("deploy.paths", "deploy.stream_state"),
    ("deploy.stream",),
    ("deploy.pretrained",),
    ("deploy.predictor",),
    ("deploy.arrow",),
    ("deploy",),
    ("deploy.command",),
    ("deploy.__main__",),
)
SERVER = (
    ("deploy.server.settings", "deploy.server.answers", "deploy.server.routes", "deploy.server.health"),
    ("deploy.server.fields", "deploy.server.overload", "deploy.server.access"),
    ("deploy.server.about.metrics", "deploy.server.about.logs"),
    ("deploy.server.models",),
    ("deploy.server.http",),
    ("deploy.server.forecast", "deploy.server.inference"),
    ("deploy.server.about",),
    ("deploy.server.front",),
    ("deploy.server.app",),
    ("deploy.server.service",),
    ("deploy.server.arguments",),
    ("deploy.server",),
    ("deploy.server.__main__",),
)
FORECASTER = (
    ("forecaster.files", "forecaster.jobs"),
    ("forecaster.config",),
    ("forecaster.weights",),
    ("forecaster.pretrained", "forecaster.pretraining.prior", "forecaster.data.complaints"),
    ("forecaster.data.audience", "forecaster.data.notes"),
    ("forecaster.data.table", "forecaster.data.columns"),
    ("forecaster.data.spelling",),
    ("forecaster.data.times",),
    ("forecaster.data.panel",),
    ("forecaster.data.files",),
    ("forecaster.data.figures",),
    ("forecaster.data.understand",),
    ("forecaster.data.joining",),
    ("forecaster.data.across", "forecaster.data.prepared"),
    ("forecaster.data",),
    ("forecaster.windows",),
    ("forecaster.forecasts", "forecaster.model"),
    ("forecaster.evaluation",),
    ("forecaster.training.machine", "forecaster.training.epochs"),
    ("forecaster.training.resume",),
    ("forecaster.training",),
    ("forecaster.training.members",),
    ("forecaster.run", "forecaster.pretraining"),
    ("forecaster.export.nodes",),
    ("forecaster.export.graph",),
    ("forecaster.export", "forecaster.show"),
    ("forecaster.workflows",),
    ("forecaster.cli", "forecaster.estimator"),
    ("forecaster.bare",),
    ("forecaster", "forecaster.__main__"),
)
# All layers. The service stands on what deploy exports, and on the rooms of it that its maps name.
LAYERS = (*DEPLOY, *SERVER, *FORECASTER)
