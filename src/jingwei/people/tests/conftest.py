import pytest

from jingwei.kernel.models import Account, Organization, Post


@pytest.fixture
def tree(db):
    """A district with two streets and a community below one of them."""
    made = {}
    for code, name, level, parent in (
        ("yunxi", "云溪区", "district", None),
        ("songtao", "松涛街道办事处", "street", "yunxi"),
        ("huansha", "浣纱街道办事处", "street", "yunxi"),
        ("tingsong", "听松社区", "community", "songtao"),
    ):
        made[code] = Organization.objects.create(
            code=code, name_zh=name, level=level, parent=made.get(parent)
        )
    return made


@pytest.fixture
def person(db):
    """`person("lin", "clerk", at=organization)`: an account with one post on file."""

    def make(username, *roles, at=None, scope=None):
        made = Account.objects.create_user(
            username, "correct horse", name=username, roles=list(roles), organization=at
        )
        Post.objects.create(account=made, organization=at, scope=scope, roles=list(roles), main=True)
        return made

    return make
