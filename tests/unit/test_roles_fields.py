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
        Ingeniero de minas; Auditora informática; Plant Engineer; Facilities Engineer;
        Maintenance and Reliability Engineer; Instandhaltungsingenieurin; Ingenieur für Feinwerktechnik;
        Wirtschaftsingenieur Logistik; Ingeniera de mantenimiento; Ingénieur maintenance;
        Ingegnere di manutenzione; Inżynier utrzymania ruchu; Commercial Vehicle Engineer;
        Video Game Designer; Information Security Officer""",
    "purchasing": """
        Procurement Engineer; Technical Buyer; Einkaufsingenieur; Einkaufstechniker;
        Acquisition Specialist; Contracting Officer; Garment Merchandiser; Ausschreibungsmanager;
        Responsable de contratación; Técnico de aprovisionamiento; Material Planner; Supply Planner""",
    "operations": """
        Technician; Maintenance Engineer; Drainage Technician; Chemical Plant Supervisor; Techniker;
        Field Service Engineer; Ship Engineer; Demand Planner; Servicetechniker; Abwassertechniker;
        Técnico; Técnico de mantenimiento; Quality Auditor""",
    "finance": "Auditor; Internal Auditor; Leiterin Revision; Auditora interna",
    "other": """
        Train Engineer; Stationary Engineer; Mastering Engineer; Customer Acquisition Manager;
        Property Acquisition Manager; Datenschutzbeauftragter; Netzwerk-Marketing; Patentanwältin;
        Ingénieur commercial; Vertriebsingenieurin; Ingeniero militar;
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


@pytest.mark.parametrize(
    ("title", "department", "function"),
    [
        ("Logistics Engineer", "Procurement", "purchasing"),
        ("Quality Engineer", "Maintenance", "operations"),
        ("Material Planner", "Logistics", "operations"),
        ("Material Planner", "Procurement", "purchasing"),
    ],
)
def test_a_firm_department_decides_for_engineers_and_planners(
    title: str, department: str, function: Function
) -> None:
    """Both only lean to a function, whatever they take out of their title."""
    assert function_of(title, department) == function
