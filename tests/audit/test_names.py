"""Names of who acted, in words."""

from apps.audit.names import spoken


def test_commands_and_the_portal_itself_have_words_and_people_their_names():
    assert "import boundaries" in spoken("command:import_boundaries")
    assert "command:" not in spoken("command:import_boundaries")
    assert spoken("system") != "system"
    assert spoken("Dewi Utami") == "Dewi Utami"
