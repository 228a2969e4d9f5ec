"""Time, randomness and weather: what goes on over New Year, what differs, what does not."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from synth_pipeline import signal_kit as kit

YEAR, LEAD, DAY = 2023, kit.LEAD_ROWS, kit.ROWS_PER_DAY
ROWS = 525_600 + LEAD
MODES = kit.Modes({"on": (300, 3), "low": (120, 1), "off": (90, 1)})


def simulation(
    year: int = YEAR, *, machine: str = "Test Rig", seed: int = 7, site: str = "ada"
) -> kit.Simulation:
    return kit.Simulation(machine, year, seed, site=site)


def slow_lag(values: np.ndarray, tau_minutes: float) -> np.ndarray:
    keep = math.exp(-1 / tau_minutes)
    result = values.copy()
    for row in range(1, values.size):
        result[row] = keep * result[row - 1] + (1 - keep) * values[row]
    return result


def everything(sim: kit.Simulation) -> dict[str, np.ndarray]:
    """One of each thing that a simulation draws."""
    plan = sim.plan(
        MODES,
        maintenance=kit.Maintenance(20, 5),
        wear=kit.Wear(500, ("on",), every=2),
        products={"a": 1.0, "b": 2.0},
        causes=(kit.Cause("leak", "grow", per_year=12, hours=(2, 20), wear_factor=60),),
        stops_per_year=30,
    )
    level = plan.level("l", {"on": 9.0, "low": 4.0}, lot=0.1, run=0.1, products={"b": 1.2})
    return {
        "white": sim.noise("w", 1.0),
        "noise": sim.noise("n", 1.0, 30),
        "slow noise": sim.noise("s", 1.0, 1500),
        "wander": sim.wander("d", 1.0, 20),
        "slow wander": sim.wander("e", 1.0, 200),
        "demand": sim.demand("demand"),
        "outdoor": sim.outdoor(),
        "walls": sim.outdoor(30),
        "humidity": sim.humidity(),
        "wet bulb": sim.wet_bulb(),
        "wind": sim.wind(),
        "sunshine": sim.sunshine(),
        "age": sim.age,
        "on": plan.where("on") * 1.0,
        "level": level,
        "lag": sim.lag(level, 90),
        "progress": plan.progress("on"),
        "elapsed": plan.elapsed("on"),
        "wear": plan.wear,
    }


@pytest.mark.parametrize(("year", "rows"), [(2023, 525_600), (2024, 527_040), (1970, 525_600)])
def test_a_year_and_the_days_before_it_have_every_minute(year: int, rows: int) -> None:
    times = simulation(year).timestamps

    assert times.size == rows + LEAD
    assert times[0] == np.datetime64(f"{year - 1}-12-29T00:00")
    assert times[LEAD] == np.datetime64(f"{year}-01-01T00:00")
    assert times[-1] == np.datetime64(f"{year}-12-31T23:59")
    assert set(np.diff(times).astype(int)) == {60_000}


def test_year_seed_site_and_switch_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"YEAR": "2020", "SEED": "12", "SITE": "bob", "ANOMALIES": "off"}.items():
        monkeypatch.setenv(f"SYNTH_{name}", value)

    sim = kit.Simulation.from_env("rig")

    assert (sim.year, sim.seed, sim.site, sim.anomalies) == (2020, 12, "bob", False)


def test_unset_variables_mean_the_last_full_year_with_anomalies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("YEAR", "SEED", "SITE", "ANOMALIES"):
        monkeypatch.delenv(f"SYNTH_{name}", raising=False)

    sim = kit.Simulation.from_env("rig")

    last_year = dt.datetime.now(dt.UTC).year - 1
    assert (sim.year, sim.seed, sim.site, sim.anomalies) == (last_year, 0, "", True)


@pytest.mark.parametrize(
    ("name", "value"), [("YEAR", "soon"), ("SEED", "-3"), ("ANOMALIES", "maybe")]
)
def test_a_bad_variable_is_named_in_the_error(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"SYNTH_{name}", value)

    with pytest.raises(ValueError, match=f"SYNTH_{name}='{value}'"):
        kit.Simulation.from_env("rig")


@pytest.mark.parametrize("year", [2023, 2024], ids=["common", "leap"])
def test_the_last_day_of_a_year_is_the_same_seen_from_the_next_one(year: int) -> None:
    now, after = everything(simulation(year)), everything(simulation(year + 1))

    for name, values in now.items():
        seen = after[name][LEAD - DAY : LEAD]
        assert np.allclose(values[-DAY:], seen, rtol=0, atol=1e-9), name


def test_nothing_jumps_at_new_year() -> None:
    values = everything(simulation())

    for name in ("noise", "slow noise", "wander", "demand", "outdoor", "lag"):
        steps = np.abs(np.diff(values[name]))
        assert steps[LEAD - 1] <= np.quantile(steps, 0.999), name


@pytest.mark.parametrize(
    "other",
    [{"year": 2022}, {"seed": 8}, {"machine": "Test Rig 2"}, {"site": "bob"}],
    ids=["year", "seed", "machine", "site"],
)
def test_another_year_seed_machine_or_site_is_no_copy(other: dict[str, object]) -> None:
    first, second = everything(simulation()), everything(simulation(**other))  # type: ignore[arg-type]

    of_site = {"outdoor", "walls", "humidity", "wet bulb", "wind", "sunshine"}
    shared = of_site if "machine" in other else set()
    for name in first.keys() - {"age", "on", "elapsed", "progress"}:
        a, b = first[name][LEAD:], second[name][LEAD:]
        moves = (a != 0) | (b != 0)
        assert bool(np.mean((a == b)[moves]) > 0.99) is (name in shared), name


def test_the_same_is_the_same_to_the_last_bit() -> None:
    first, second = everything(simulation()), everything(simulation())

    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_another_part_leaves_the_first_as_it_was() -> None:
    alone, together = simulation(), simulation()
    together.noise("pressure", sd=1.0)

    assert np.array_equal(
        together.noise("flow", sd=1.0, tau_minutes=10), alone.noise("flow", sd=1.0, tau_minutes=10)
    )


def test_a_name_cannot_be_used_twice() -> None:
    sim = simulation()
    sim.noise("flow", sd=1.0)

    with pytest.raises(ValueError, match="'noise:flow' is already in use"):
        sim.noise("flow", sd=1.0)


def test_noise_has_the_deviation_and_the_memory_asked_for() -> None:
    noise = simulation().noise("flow", sd=3.0, tau_minutes=30)

    assert noise.std() == pytest.approx(3.0, rel=0.1)
    assert abs(noise.mean()) < 0.15
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] == pytest.approx(math.exp(-1 / 30), abs=0.005)


def test_noise_of_all_tempers_is_stationary_where_two_stretches_meet() -> None:
    meetings = np.array([simulation(seed=s).noise("n", 1.0, 200)[LEAD - 1] for s in range(400)])

    assert meetings.std() == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize(("tails", "least", "most"), [(5.0, 0.8, 4.0), (math.inf, -0.1, 0.1)])
def test_tails_decide_how_heavy_the_increments_are(tails: float, least: float, most: float) -> None:
    steps = np.diff(simulation().noise("flow", sd=1.0, tails=tails))

    kurtosis = float((steps**4).mean() / steps.var() ** 2 - 3)

    assert least < kurtosis < most


def test_noise_changes_its_loudness_at_no_fixed_minute() -> None:
    noise = np.abs(simulation().noise("n", 1.0)[: ROWS // 16 * 16]).reshape(-1, 16)

    means = np.log(noise + 1e-9)
    inner = [np.corrcoef(means[:, k], means[:, k + 1])[0, 1] for k in range(15)]
    across = np.corrcoef(means[:-1, 15], means[1:, 0])[0, 1]

    assert across > 0.8 * np.mean(inner)


def test_the_weather_makes_no_step_at_midnight() -> None:
    steps = np.abs(np.diff(simulation().outdoor()))
    at_midnight = steps[DAY - 1 :: DAY]

    assert at_midnight.mean() <= 1.05 * steps.mean()


def test_the_weather_is_what_it_can_be() -> None:
    sim = simulation()
    air, damp, wet = sim.outdoor(), sim.humidity(), sim.wet_bulb()

    assert -35 < air.min() < air.max() < 48
    assert 0 <= damp.min() < damp.max() <= 100
    assert np.mean(wet > air + 0.3) < 0.01
    assert 3 < sim.wind().mean() < 9
    assert sim.sunshine().max() < 1100
    july = air[LEAD + 181 * DAY : LEAD + 212 * DAY].mean()
    assert july > air[LEAD : LEAD + 31 * DAY].mean() + 8


def test_units_of_a_kind_differ_and_a_unit_stays_what_it_is() -> None:
    units = [simulation(machine=f"Pump {n}") for n in range(40)]
    factors = np.array([sim.unit("friction", 0.25) for sim in units])

    assert 1 / 1.25 <= factors.min() < factors.max() <= 1.25
    assert factors.max() / factors.min() > 1.3
    again = simulation(2030, machine="Pump 3").unit("friction", 0.25)
    assert again == factors[3]


@settings(deadline=None, max_examples=60)
@given(
    values=hnp.arrays(
        np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
    ),
    tau=st.floats(0.05, 5000),
)
def test_lag_agrees_with_the_plain_loop(values: np.ndarray, tau: float) -> None:
    expected = slow_lag(values, tau)

    span = float(np.abs(values).max()) or 1.0
    assert np.allclose(simulation().lag(values, tau), expected, rtol=1e-9, atol=1e-9 * span)


def test_lag_never_leaves_the_range_of_its_input() -> None:
    values = np.where(np.arange(ROWS) % 700 < 300, 850.0, 0.0)

    lagged = simulation().lag(values, 42.0)

    assert lagged.min() >= 0.0
    assert lagged.max() <= 850.0
    assert np.allclose(lagged[:5000], slow_lag(values[:5000], 42.0), rtol=1e-10, atol=1e-9)


def test_a_lag_into_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match="tau_minutes >= 0"):
        simulation().lag(np.ones(5), -1)
