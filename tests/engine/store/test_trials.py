"""What two libraries were measured to do is kept for each computer, beside the settings and apart from them."""

from engine.settings import Settings, changed
from engine.store import Store
from engine.store.trials import MOST_COMPUTERS, KeptTrial


def trial(versions: str = "one 1", ratio: float = 2.0) -> KeptTrial:
    return KeptTrial(
        versions=versions, llama_per_s=20.0, torch_per_s=40.0, ratio=ratio, cosine=1.0, measured_on="2026-11-29"
    )


def test_a_trial_holds_for_one_computer_and_its_versions(store: Store) -> None:
    trials = store.documents.trials
    assert trials.of("laptop", "one 1") is None
    trials.keep("laptop", trial())
    trials.keep("desk", trial(ratio=0.5))
    assert trials.of("laptop", "one 1") == trial()
    assert trials.of("desk", "one 1") == trial(ratio=0.5)
    assert trials.of("laptop", "one 2") is None
    trials.keep("laptop", trial("one 2"))
    assert trials.of("laptop", "one 1") is None


def test_the_computers_measured_last_are_remembered(store: Store) -> None:
    for number in range(MOST_COMPUTERS):
        store.documents.trials.keep(str(number), trial())
    store.documents.trials.keep("0", trial())
    store.documents.trials.keep("another", trial())
    assert store.documents.trials.of("1", "one 1") is None
    assert all(store.documents.trials.of(name, "one 1") for name in ("0", "2", "another"))


def test_settings_and_trials_leave_each_other_alone(store: Store) -> None:
    settings = changed(Settings(), passages=7)
    store.preferences.keep(settings)
    store.documents.trials.keep("laptop", trial())
    assert store.preferences.settings() == settings
    store.preferences.keep(Settings())
    assert store.preferences.settings() == Settings()
    assert store.documents.trials.of("laptop", "one 1") == trial()


def test_what_another_version_of_hanare_kept_is_measured_again(store: Store) -> None:
    store.documents.trials.keep("laptop", trial())
    with store._vault.writing() as db:
        db.execute("UPDATE preference SET value = replace(value, '\"cosine\"', '\"other\"')")
    assert store.documents.trials.of("laptop", "one 1") is None
