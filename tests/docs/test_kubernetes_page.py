"""The manifests of docs/kubernetes.md are YAML, say of the service what it has, and fit the image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.server.app import HEALTH
from deploy.server.arguments import TOKEN_VARIABLE, read_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (?P<name>\S+) -->\n```yaml\n(?P<text>.*?)```\n", re.DOTALL)
FILES = {match["name"]: list(yaml.safe_load_all(match["text"])) for match in BLOCK.finditer(PAGE)}
DEPLOYMENT, SERVICE = FILES["deployment.yaml"]
POD = DEPLOYMENT["spec"]["template"]["spec"]
(KSERVE,) = FILES["inferenceservice.yaml"]
CONTAINERS = [POD["containers"][0], KSERVE["spec"]["predictor"]["containers"][0]]
IDS = ["deployment", "kserve"]
each_container = pytest.mark.parametrize("container", CONTAINERS, ids=IDS)


def probes(container: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((name, probe) for name, probe in container.items() if name.endswith("Probe"))


def test_every_block_of_yaml_was_read() -> None:
    assert set(FILES) == {"deployment.yaml", "inferenceservice.yaml", "triton.yaml"}
    assert PAGE.count("```yaml") == len(FILES)


@each_container
def test_the_arguments_are_options_of_the_service(container: dict[str, Any]) -> None:
    settings = read_settings(container["args"], "service")
    assert container["ports"][0]["containerPort"] == settings.port


def test_kubernetes_waits_longer_than_the_service_can_take_to_end() -> None:
    settings = read_settings(POD["containers"][0]["args"], "service")
    longest = settings.drain + 2 * settings.limits.receive + settings.limits.timeout
    assert f"{longest:g} seconds" in PAGE
    assert POD["terminationGracePeriodSeconds"] > longest


def test_balancers_notice_before_the_listener_closes() -> None:
    probe = POD["containers"][0]["readinessProbe"]
    settings = read_settings(POD["containers"][0]["args"], "service")
    assert settings.drain >= 3 * probe["periodSeconds"]  # by default three in a row have to fail


@each_container
def test_probes_ask_for_what_needs_no_token(container: dict[str, Any]) -> None:
    found = dict(probes(container))
    assert found
    for name, probe in found.items():
        assert probe["httpGet"]["path"] in HEALTH
        assert (probe["httpGet"]["path"].endswith("ready")) == (name == "readinessProbe")


@each_container
def test_a_container_has_no_rights_that_it_does_not_need(container: dict[str, Any]) -> None:
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"]
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert (rights | POD["securityContext"])["runAsNonRoot"]


def test_the_bundle_is_mounted_where_the_service_looks_for_it() -> None:
    (mount,) = POD["containers"][0]["volumeMounts"]
    (volume,) = POD["volumes"]
    settings = read_settings(POD["containers"][0]["args"], "service")
    assert (mount["name"], mount["readOnly"]) == (volume["name"], True)
    assert settings.bundles == {"forecast": Path(mount["mountPath"])}


def test_the_token_is_where_the_service_looks_for_it() -> None:
    assert [variable["name"] for variable in POD["containers"][0]["env"]] == [TOKEN_VARIABLE]


def test_the_service_finds_the_pods_by_label_and_port() -> None:
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]
    assert SERVICE["spec"]["selector"] == DEPLOYMENT["spec"]["selector"]["matchLabels"] == labels
    names = [port["name"] for port in POD["containers"][0]["ports"]]
    assert [port["targetPort"] for port in SERVICE["spec"]["ports"]] == names


def test_kserve_speaks_the_protocol_that_triton_does() -> None:
    (triton,) = FILES["triton.yaml"]
    assert triton["apiVersion"] == KSERVE["apiVersion"]
    assert triton["spec"]["predictor"]["model"]["protocolVersion"] == "v2"
