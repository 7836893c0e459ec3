"""What the made vendor, Quillmark Motion, sells; and what its rivals are called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProductLine:
    """One line: a system, its components and the services around it, each as (sku, list price in USD)."""

    name: str
    system: tuple[str, float]
    components: tuple[tuple[str, float], ...]
    services: tuple[tuple[str, float], ...]


LINES = (
    ProductLine(
        "motion-systems",
        ("QM-MS-600", 18_400.0),
        (("QM-DRV-22", 1_450.0), ("QM-MOT-40", 980.0), ("QM-ENC-08", 310.0)),
        (("QM-CARE-12", 2_600.0), ("QM-ENG-DAY", 1_350.0)),
    ),
    ProductLine(
        "vision-systems",
        ("QM-VS-200", 26_900.0),
        (("QM-CAM-05", 2_150.0), ("QM-LENS-16", 420.0), ("QM-LIGHT-3", 260.0)),
        (("QM-VCARE-12", 3_400.0), ("QM-TRAIN-2D", 2_900.0)),
    ),
    ProductLine(
        "safety-systems",
        ("QM-SF-90", 9_700.0),
        (("QM-SCAN-2", 1_890.0), ("QM-RELAY-4", 145.0)),
        (("QM-SFCARE-12", 1_150.0), ("QM-AUDIT", 2_200.0)),
    ),
)

RIVALS = ("Brandtmark Drives", "Olvero Automation", "Shenlan Motion", "Pikewell Controls", "Dravo & Lind")
