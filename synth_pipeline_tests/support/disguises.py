"""Lies that hide better: a copy delayed, a year dealt from few days, a kind that does not fit.

Each was once seen to end with all checks green.
"""

from synth_pipeline_tests.support.lie import Change, Lie, pump, signal

_RETURN = "    return {name: sense(name, values) for name, values in signals.items()}\n"
_SEED = 'SEED = int(os.environ["SYNTH_SEED"])\n'


def _then(body: str) -> Change:
    """What is done to the clean readings `shown` before they are given back."""
    return _RETURN, _RETURN.replace("return", "shown =") + body + "    return shown\n"


def _of_one_year(body: str) -> tuple[Change, ...]:
    """The clean year is that of seed 42; the seed does to it what `body` says."""
    return (
        (_SEED, 'ASKED = int(os.environ["SYNTH_SEED"])\nSEED = 42\n'),
        ('rng, labels = stream("anomalies"), []', "rng, labels = np.random.default_rng(ASKED), []"),
        _then(body),
    )


_DAYS = """\
    rng = {rng}
    days = rng.{deal}
    for name, values in shown.items():
        shown[name] = values.reshape(-1, 1440)[days].ravel()
"""
_DIGITS = """\
    for name, values in shown.items():
        step = {rng}.integers({low}, 2, ROWS) * (values != 0)
        shown[name] = sense(name, values + SENSORS[name][2] * step)
"""

DISGUISES: tuple[Lie, ...] = (
    pump(
        "a_copy_rounded_otherwise",
        "The power is 0.62 times the current that is shown, in coarser steps.",
        *signal(
            "motor_power_kw",
            '("kW", "Power of the motor", 0.5, 0, 90)',
            '0.62 * sense("motor_current_a", current) + 1.5',
        ),
    ),
    pump(
        "a_copy_that_comes_later",
        "A second current is the first one, seven minutes later.",
        *signal(
            "feeder_current_a",
            '("A", "Current of the feeder", 0.1, 0, 120)',
            'np.roll(sense("motor_current_a", current), 7)',
        ),
    ),
    pump(
        "half_a_year_mirrored",
        "The second half of the year is the first one, backwards.",
        _then(
            "    half = ROWS // 2\n"
            "    for name, values in shown.items():\n"
            "        shown[name] = np.r_[values[:half], values[: ROWS - half][::-1]]\n"
        ),
    ),
    pump(
        "ten_days_in_any_order",
        "Each day of the year is one of ten.",
        _then(_DAYS.format(rng='stream("deal")', deal="integers(0, 10, ROWS // 1440)")),
    ),
    pump(
        "ten_days_and_a_digit",
        "Each day of the year is one of ten, with a last digit more or less.",
        _then(
            _DAYS.format(rng='stream("deal")', deal="integers(0, 10, ROWS // 1440)")
            + _DIGITS.format(rng='stream("digits " + name)', low=-1)
        ),
    ),
    pump(
        "the_seed_deals_the_days",
        "Another seed puts the days of one and the same year in another order.",
        *_of_one_year(
            _DAYS.format(rng="np.random.default_rng(ASKED)", deal="permutation(ROWS // 1440)")
        ),
    ),
    pump(
        "the_seed_adds_a_digit",
        "Another seed adds a last digit here and there to one and the same year.",
        *_of_one_year(
            _DIGITS.format(rng="np.random.default_rng([ASKED, zlib.crc32(name.encode())])", low=0)
        ),
    ),
    pump(
        "events_where_they_always_are",
        "The seed moves the readings, and not the places of the events.",
        ('rng, labels = stream("anomalies"), []', "rng, labels = np.random.default_rng(4), []"),
    ),
    pump(
        "leap_day_of_another_week",
        "29 February is a copy of the 22nd.",
        _then(
            "    if ROWS == 366 * 1440:\n"
            "        for values in shown.values():\n"
            "            values[59 * 1440 : 60 * 1440] = values[52 * 1440 : 53 * 1440]\n"
        ),
    ),
    pump(
        "drift_and_oscillation_exchanged",
        "What drifts is called an oscillation, and what swings a drift.",
        (
            '"kind": kind,',
            '"kind": {"drift": "oscillation", "oscillation": "drift"}.get(kind, kind),',
        ),
    ),
    pump(
        "more_digits_in_noise_bursts",
        "Bursts are added after the rounding: more digits than the sensor has tell them.",
        (
            "            readings[name][rows] = values\n",
            '            if kind == "noise_burst":\n'
            "                values = values + 0.001 * rng.random(length)\n"
            "            readings[name][rows] = values\n",
        ),
    ),
    pump(
        "two_clocks_in_one_signal",
        "The sump's temperature is the sum of two sines, of a day and of 37.3 hours.",
        *signal(
            "sump_temp_c",
            '("°C", "Temperature of the water in the sump", 0.01, -40, 180)',
            "24 + 3 * np.sin(2 * np.pi * day) + 3 * np.sin(2 * np.pi * day * 24 / 37.3 + 1) "
            '+ noise("sump temp", 0.05)',
        ),
    ),
    pump(
        "a_level_of_133_percent",
        "The level of the oil passes full by a third.",
        *signal(
            "oil_level_pct",
            '("%", "Level of the oil in the bearing", 0.5, 0, 150)',
            '104 + 12 * summer + noise("oil", 6, 900)',
        ),
    ),
    pump(
        "water_of_ph_17",
        "The water is more caustic than any base.",
        *signal(
            "water_ph_value",
            '("1", "pH of the water", 0.01, 0, 20)',
            'np.clip(11 + 1.5 * summer + noise("ph", 1.5, 900), 3, 17)',
        ),
    ),
    pump(
        "named_in_kelvin_shown_in_celsius",
        "The name ends in k, the unit is °C.",
        *signal("hall_temperature_k", '("°C", "Air in the hall", 0.1, -40, 80)', "hall"),
    ),
    pump(
        "a_level_that_moves_once_in_a_while",
        "The level of the seal pot is the same in 98.5 % of the year.",
        *signal(
            "seal_pot_level_pct",
            '("%", "Level of the barrier fluid", 0.5, 0, 100)',
            'np.where(day % 66 < 1, 64 + noise("pot", 6, 100), 64.0)',
        ),
    ),
    pump(
        "events_of_a_ten_thousandth",
        "Events change readings by a ten-thousandth of what they say.",
        (
            "            values = sense(name, faulty(kind, clean, size * strength, period))\n",
            "            values = sense(name, faulty(kind, clean, size * strength, period))\n"
            "            values = clean + 1e-4 * (values - clean)\n",
        ),
    ),
    pump(
        "events_at_their_ends_only",
        "Between the first and last two minutes of an event all is as without it.",
        (
            "            readings[name][rows] = values\n",
            '            if length > 20 and kind != "stuck":\n'
            "                values[2:-2] = clean[2:-2]\n"
            "            readings[name][rows] = values\n",
        ),
    ),
    pump(
        "categories_exchanged",
        "Sensor faults are called process faults and the other way round.",
        (
            '"category": category,',
            '"category": {"sensor": "process", "process": "sensor"}[category],',
        ),
    ),
    pump(
        "four_years_only",
        "There are no more than four years, whatever the seed.",
        (_SEED, 'SEED = int(os.environ["SYNTH_SEED"]) % 4\n'),
    ),
    pump(
        "seed_of_the_process",
        "The number of the process goes into the seed; in a sandbox it is always the same.",
        (_SEED, 'SEED = int(os.environ["SYNTH_SEED"]) + os.getpid()\n'),
    ),
    pump(
        "seed_of_the_day",
        "The day on which it runs goes into the seed.",
        ("import os\n", "import os\nimport time\n"),
        (_SEED, 'SEED = int(os.environ["SYNTH_SEED"]) + time.localtime().tm_yday\n'),
    ),
    pump(
        "leap_day_with_some_noise",
        "29 February is the 28th again, with a little noise.",
        _then(
            "    if ROWS == 366 * 1440:\n"
            "        for name, values in shown.items():\n"
            "            day = values[58 * 1440 : 59 * 1440]\n"
            '            day = day * (1 + 0.002 * stream("leap " + name).standard_normal(1440))\n'
            "            values[59 * 1440 : 60 * 1440] = sense(name, day)\n"
        ),
    ),
    pump(
        "lost_readings_as_zero",
        "Readings that were lost are written as 0 °C.",
        _then('    shown["bearing_temp_c"][stream("lost").integers(0, ROWS, 25)] = 0.0\n'),
    ),
    pump(
        "the_row_number_with_noise",
        "The pressure drop of the strainer is the row number, with some noise.",
        *signal(
            "strainer_dp_bar",
            '("bar", "Pressure drop of the strainer", 0.001, 0, 2)',
            '0.1 + 0.4 * np.arange(ROWS) / ROWS + noise("strainer", 0.004)',
        ),
    ),
    pump(
        "one_signal_of_noise",
        "The flow of the drain is noise, whatever the pump does.",
        *signal(
            "drain_flow_l_h",
            '("L/h", "Leakage of the shaft seal", 0.1, 0, 100)',
            '40 + noise("drain", 3)',
        ),
    ),
    pump(
        "outdoors_in_fahrenheit",
        "The air outdoors is in °F under the unit °C.",
        *signal(
            "outdoor_temp_c",
            '("°C", "Air outdoors", 0.1, -60, 200)',
            '70 + 30 * summer + 8 * np.sin(2 * np.pi * (day - 0.4)) + noise("outdoors", 6, 1500)',
        ),
    ),
)
