"""Who is named by a field of engineering, a discipline or a head noun, not by a listed occupation."""

import pytest

from accounts.roles import Function, function_of

TITLES: dict[Function, str] = {
    "development": """
        Corrosion Specialist; IT Auditor; Energy Auditor; Technologist; Production Technologist;
        Logistics Engineer; Quality Control Engineer; Laboratory Technician; Test Technician;
        Mechanical Engineering Technician; Validation Specialist; Architect; Hydrogen Expert;
        Verfahrenstechniker; Kunststofftechniker; Photoniktechniker; Elektrotechnikerin; Anlagenplaner;
        Statiker; Wasserstoffexperte; IT-Revisor; Integrationstester; Logistikingenieur;
        Técnico en metalurgia; Técnica de laboratorio; Especialista en hidrógeno; Ingeniera de logística;
        Ingeniero de minas; Auditora informática""",
    "purchasing": """
        Procurement Engineer; Technical Buyer; Einkaufsingenieur; Einkaufstechniker;
        Acquisition Specialist; Contracting Officer; Garment Merchandiser; Ausschreibungsmanager;
        Responsable de contratación; Técnico de aprovisionamiento""",
    "operations": """
        Technician; Maintenance Engineer; Drainage Technician; Chemical Plant Supervisor; Techniker;
        Servicetechniker; Abwassertechniker; Técnico; Técnico de mantenimiento; Quality Auditor""",
    "finance": "Auditor; Internal Auditor; Leiterin Revision; Auditora interna",
    "other": """
        Train Engineer; Stationary Engineer; Mastering Engineer; Customer Acquisition Manager;
        Property Acquisition Manager; Datenschutzbeauftragter; Netzwerk-Marketing; Patentanwältin;
        Fachmann für Systemgastronomie; Contratación de personal""",
}

CASES = [
    pytest.param(title, function, id=title)
    for function, titles in TITLES.items()
    for title in " ".join(titles.split()).split("; ")
]


@pytest.mark.parametrize(("title", "function"), CASES)
def test_a_field_names_a_function(title: str, function: Function) -> None:
    """A field makes a specialist; purchasing, trades and professions that only share its words go before."""
    assert function_of(title) == function
