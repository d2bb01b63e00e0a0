"""Addresses: at each the exchange that its member of the metadata stands for."""

from tests.device import Device
from tests.discovery.promises import Trial, promise
from tests.provider import ISSUER


@promise("issuer")
def issuer(trial: Trial, value: str) -> bool:
    """It is what the answers and the tokens say, byte for byte."""
    party, browser = trial.party(), trial.browser()
    answer = party.answer(browser.sign_in(trial.account, party.authorize(browser)))
    claims = party.claims(party.redeem(answer["code"]).json()["id_token"])
    return {value} == {answer["iss"], claims["iss"]}


@promise("authorization_endpoint")
def authorization_endpoint(trial: Trial, address: str) -> bool:
    """It takes GET and, from any site, POST, which goes on by GET (Core section 3.1.2.1)."""
    party, browser = trial.party(), trial.signed_in()
    posted = browser.post(address, data=party.parameters(), headers={"Origin": "https://rp.fi"})
    by_get = posted.headers.get("Location", "")
    if posted.status_code != 303 or not by_get.startswith(f"{address}?"):
        return False
    got = browser.get(address, params=party.parameters())
    return all("code" in party.answer(answer) for answer in (browser.get(by_get), got))


@promise("pushed_authorization_request_endpoint")
def pushed_authorization_request_endpoint(trial: Trial, address: str) -> bool:
    """The name it gives leads to a code (RFC 9126)."""
    party, browser = trial.party(), trial.signed_in()
    name = party.post(address, **party.parameters()).json()["request_uri"]
    asked = {"client_id": party.client_id, "request_uri": name}
    return "code" in party.answer(browser.get("/authorize", params=asked))


@promise("token_endpoint")
def token_endpoint(trial: Trial, address: str) -> bool:
    """It redeems a code."""
    party = trial.party()
    code = party.code(trial.browser(), trial.account)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": party.redirect_uri,
        "code_verifier": party.verifier,
    }
    return "access_token" in party.post(address, **form).json()


@promise("userinfo_endpoint")
def userinfo_endpoint(trial: Trial, address: str) -> bool:
    """It tells the claims, by GET and by POST (section 5.3.1)."""
    party = trial.party()
    bearer = party.tokens(trial.browser(), trial.account)["access_token"]
    headers = {"Authorization": f"Bearer {bearer}"}
    subjects = {
        party.http.request(method, address, headers=headers).json()["sub"]
        for method in ("GET", "POST")
    }
    return subjects == {trial.account.id}


@promise("jwks_uri")
def jwks_uri(trial: Trial, address: str) -> bool:
    """It holds the key that an ID token names, and no private half."""
    party = trial.party()
    keys = party.http.get(address).json()["keys"]
    party.claims(party.tokens(trial.browser(), trial.account)["id_token"])
    return bool(keys) and not any("d" in key or "k" in key for key in keys)


@promise("revocation_endpoint")
def revocation_endpoint(trial: Trial, address: str) -> bool:
    """A token given back there is dead."""
    party = trial.party()
    token = party.tokens(trial.browser(), trial.account)["access_token"]
    done = party.post(address, token=token)
    return done.status_code == 200 and party.userinfo(token).status_code == 401


@promise("introspection_endpoint")
def introspection_endpoint(trial: Trial, address: str) -> bool:
    """A living token is active there."""
    party = trial.party()
    token = party.tokens(trial.browser(), trial.account)["access_token"]
    return party.post(address, token=token).json()["active"] is True


@promise("device_authorization_endpoint")
def device_authorization_endpoint(trial: Trial, address: str) -> bool:
    """It gives a device its codes."""
    answer = Device(trial.provider).post(address, scope="openid")
    return bool({"device_code", "user_code"} <= answer.json().keys())


def _paper(trial: Trial, address: str) -> bool:
    """The address that the operator configured; unless they did, no promise is made."""
    settings = trial.provider.settings
    return address in (settings.documentation_url, settings.policy_url, settings.terms_url)


for _member in ("service_documentation", "op_policy_uri", "op_tos_uri"):
    promise(_member)(_paper)


@promise("end_session_endpoint")
def end_session_endpoint(trial: Trial, address: str) -> bool:
    """With this session's ID token the session is over."""
    party, browser = trial.party(), trial.browser()
    hint = party.tokens(browser, trial.account)["id_token"]
    browser.get(address, params={"id_token_hint": hint})
    return address.startswith(ISSUER) and party.authorize(browser).url.path == "/login"


@promise("registration_endpoint")
def registration_endpoint(trial: Trial, _address: object) -> bool:
    """It registers a client (RFC 7591)."""
    document = {"redirect_uris": ["https://rp.example.fi/cb"]}
    return trial.browser().post("/register", json=document).status_code == 201
