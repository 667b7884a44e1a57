import pytest

from roost.images.network import apt_options, proxy_arguments


def test_proxies_in_both_spellings_are_passed_on() -> None:
    environment = {
        "http_proxy": "http://proxy.example:3128",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "no_proxy": "localhost,.example",
        "https_proxy": "",
        "HOME": "/root",
    }
    assert proxy_arguments(environment) == {
        "http_proxy": "http://proxy.example:3128",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "no_proxy": "localhost,.example",
    }


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_proxy_on_the_hosts_loopback_is_of_no_use_in_a_container(host: str) -> None:
    assert proxy_arguments({"http_proxy": f"http://{host}:3128"}) == {}


def test_an_expired_release_file_is_never_accepted_unasked() -> None:
    assert "Check-Valid-Until" not in apt_options(allow_expired_release=False)
    assert "Check-Valid-Until=false" in apt_options(allow_expired_release=True)
