"""The security headers of every page."""

from collections.abc import Collection


def content_security_policy(*, frames: Collection[str] = ()) -> str:
    """The policy of our pages; ``frames`` are the origins whose pages this one shows inside it."""
    framed = f"frame-src {' '.join(sorted(frames))}; " if frames else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"font-src 'self'; {framed}base-uri 'none'; frame-ancestors 'none'"
    )


PAGE_HEADERS = (
    ("Content-Security-Policy", content_security_policy()),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
