import pytest


@pytest.fixture
def store_url(tmp_path):
    return f"sqlite:///{tmp_path}/s.db"
