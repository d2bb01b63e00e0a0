"""Domains whose addresses anybody can have: none of them is an organization's."""

PUBLIC_MAIL = frozenset(
    (
        *("gmail.com", "googlemail.com", "outlook.com", "outlook.fi", "hotmail.com", "hotmail.fi"),
        *("live.com", "live.fi", "msn.com", "passport.com", "windowslive.com"),
        *("icloud.com", "me.com", "mac.com", "yahoo.com", "yahoo.fi", "yahoo.se", "ymail.com"),
        *("rocketmail.com", "aol.com", "gmx.com", "gmx.net", "gmx.de", "web.de", "mail.com"),
        *("proton.me", "protonmail.com", "pm.me", "tuta.com", "tutanota.com", "tuta.io"),
        *("fastmail.com", "fastmail.fm", "hey.com", "zoho.com", "zohomail.eu", "mailbox.org"),
        *("posteo.de", "posteo.net", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "yandex.com"),
        *("yandex.ru", "ya.ru", "rambler.ru", "ukr.net", "mail.ee", "hot.ee", "online.ee"),
        *("qq.com", "163.com", "126.com", "sina.com", "hotmail.se", "live.se", "outlook.dk"),
        *("telia.com", "spray.se", "bredband.net", "comhem.se", "online.no"),
        *("luukku.com", "suomi24.fi", "kolumbus.fi", "elisanet.fi", "saunalahti.fi", "netti.fi"),
        *("pp.inet.fi", "inet.fi", "welho.com", "dnainternet.net", "jippii.fi", "sci.fi"),
        *("nic.fi", "mbnet.fi", "surffi.fi", "phnet.fi", "kotikone.fi", "wippies.fi"),
        *("aland.net", "netikka.fi", "multi.fi", "anvianet.fi", "pp.phnet.fi", "kotinet.com"),
    )
)
"""The large providers of the world and the Nordic ones; the operator's eye is for the rest."""


def is_public(domain: str) -> bool:
    """Whether the domain, or one above it, is a public mail provider's."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in PUBLIC_MAIL for start in range(len(labels)))
