"""Words of column names that more than one table knows."""


def any_of(words: str) -> frozenset[str]:
    """Read words parted by blanks."""
    return frozenset(words.split())


# Words of values that may pass any zero: differences and what is computed from them.
SIGNED = any_of(
    "difference differences differential diff delta deviation dev error errors err offset drift "
    "change changes trend gradient slope derivative correction compensation trim imbalance "
    "asymmetry unbalance variation fluctuation mismatch misalignment margin net balance anomaly "
    "signed vs versus minus sigma zscore score standardised standardized normalised normalized log "
    "shift bias skew adjustment excess deficit removal"
)
_SHIFTED = any_of(
    "residual rise drop superheat superheating subcooling subcool undercooling approach pinch lmtd "
    "lift glide spread swing span range hysteresis band deadband dt tdiff lag split overheat "
    "overheating depression elevation step increase decrease above below over under ripple loss "
    "uniformity stability noise std stddev accuracy resolution tolerance amplitude gain "
    "overtemperature dtemp homogeneity unevenness interval resid"
)
DIFFERENCES = SIGNED | _SHIFTED
GASES = "oxygen o2 co co2 nitrogen n2 hydrogen h2 methane ch4 argon nox so2 h2s nh3 voc ozone o3"
