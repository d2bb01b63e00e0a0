"""``idp doctor``: what is wrong with an installation, and how it is cured. Changes nothing."""

from idp.cli.doctor.command import doctor

__all__ = ["doctor"]
