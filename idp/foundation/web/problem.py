"""Refusals of our own JSON interfaces as problem details (RFC 9457), in the caller's language."""

from collections.abc import Mapping
from typing import Any

from idp.errors import IdpError, Invalid
from idp.foundation.locale import has_text, translate
from idp.foundation.web.protocol import Response, json_response


def problem(
    error: IdpError,
    locale: str,
    reference: str,
    *,
    fields: Mapping[str, Mapping[str, Any]] | None = None,
) -> Response:
    """The error as ``application/problem+json`` with its reference (M16).

    ``fields`` says of each field why; an Invalid brings its own.
    """
    if isinstance(error, Invalid):
        fields = {name: _field(code, locale, error.detail) for name, code in error.fields.items()}
    body = {
        "type": f"urn:laatuportti:problem:{error.code}",
        "title": _text(locale, f"error.{error.code}.title", error.detail),
        "status": error.status,
        "detail": _text(locale, f"error.{error.code}.text", error.detail),
        "reference": reference,
    }
    if fields:
        body["fields"] = fields
    response = json_response(body, error.status)
    response.headers[0] = ("Content-Type", "application/problem+json")
    return response


def _field(code: str, locale: str, detail: Mapping[str, Any]) -> dict[str, str]:
    return {"reason": code, "description": _text(locale, f"field_error.{code}", detail)}


def _text(locale: str, key: str, detail: Mapping[str, Any]) -> str:
    return translate(locale, key if has_text(key) else "error.refused.text", **detail)
