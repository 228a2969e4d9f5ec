"""A year of ten signals with dbldatagen on local Spark; runs in an environment of its own."""

import os
import sys

import dbldatagen as dg
from pyspark.sql import SparkSession

ROWS, SIGNALS = 527_040, 10


def main(path: str) -> None:
    os.environ["PYSPARK_PYTHON"] = sys.executable  # its workers need dbldatagen, too
    spark = (
        SparkSession.builder.master("local[*]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    year = dg.DataGenerator(spark, name="year", rows=ROWS, partitions=2).withColumn(
        "Timestamp",
        "timestamp",
        begin="2024-01-01 00:00:00",
        end="2024-12-31 23:59:00",
        interval="1 minute",
    )
    for number in range(SIGNALS):
        year = year.withColumn(
            f"signal_{number}",
            "double",
            minValue=0.0,
            maxValue=100.0,
            step=0.01,
            random=True,
            distribution=dg.distributions.Normal(50.0, 10.0),
        )
    year.build().write.mode("overwrite").parquet(path)
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
