"""Whatever the description allows is answered as the description says."""

import os
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from .conftest import Server

# what the parser of HTTP says of an address that is none
NO_HTTP = b"Invalid HTTP request received."
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.missing_required_header,
    checks.ignored_auth,
]


@pytest.fixture(scope="module")
def schema(trained, tmp_path_factory):
    """The description of a running server, with its routes to be asked."""
    import shutil

    folder = shutil.copytree(trained, tmp_path_factory.mktemp("schema") / ".mlops")
    server = Server(folder)
    headers = {"Authorization": f"Bearer {server.client.token}"}
    yield schemathesis.openapi.from_url(f"{server.client.address}/openapi.json"), headers
    server.close()


def ask(schema, examples):
    found, headers = schema
    for made in found.get_all_operations():
        operation = made.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=examples < 10 or "CI" in os.environ,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
            database=None,
        )
        def answered_as_described(case):
            response = case.call(headers=headers, timeout=120)
            if response.content != NO_HTTP:
                case.validate_response(response, headers=headers, checks=CHECKS)

        given(case=operation.as_strategy())(answered_as_described)()
        with suppress(Unsatisfiable):  # a route without parameters has no wrong ones
            wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            given(case=wrong)(answered_as_described)()


def test_every_route_answers_as_it_is_described(schema):
    ask(schema, examples=4)


@pytest.mark.slow
def test_every_route_answers_as_it_is_described_whatever_is_sent(schema):
    ask(schema, examples=300)
