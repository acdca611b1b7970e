"""The certificates of a pool, as OpenSSL judges them."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from uraniborg_hub.pools.dask_cluster import certificates

MINE, OTHERS = certificates.make("mine"), certificates.make("others")


def side(pems: dict[str, str], party: str, folder: Path, purpose: int) -> ssl.SSLContext:
    """One end of a connection, which presents its certificate and wants the other's."""
    context = ssl.SSLContext(purpose)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=pems["ca.crt"])
    chain = folder / f"{party}.pem"
    chain.write_text(pems[f"{party}.key"] + pems[f"{party}.crt"])
    context.load_cert_chain(chain)
    return context


def shake_hands(near: ssl.SSLContext, far: ssl.SSLContext) -> None:
    """Connect both in memory; raises ssl.SSLError when either refuses the other."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [near.wrap_bio(back, there), far.wrap_bio(there, back, server_side=True)]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize("server", certificates.PARTIES)
@pytest.mark.parametrize("client", certificates.PARTIES)
def test_the_parties_of_a_pool_know_each_other(server: str, client: str, tmp_path: Path) -> None:
    near = side(MINE, client, tmp_path, ssl.PROTOCOL_TLS_CLIENT)
    shake_hands(near, side(MINE, server, tmp_path, ssl.PROTOCOL_TLS_SERVER))


@pytest.mark.parametrize(("client", "server"), [(MINE, OTHERS), (OTHERS, MINE)], ids=["mine", "others"])
def test_another_pool_is_refused(client: dict[str, str], server: dict[str, str], tmp_path: Path) -> None:
    near = side(client, "client", tmp_path, ssl.PROTOCOL_TLS_CLIENT)
    far = side(server, "scheduler", tmp_path, ssl.PROTOCOL_TLS_SERVER)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(near, far)
