"""A title and a department, in any of the languages supported, name the function a person decides for."""

import unicodedata
from collections import defaultdict
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.role_words import LANGUAGES
from accounts.roles import LONGEST, Function, entries, fold, function_of

FUNCTIONS: frozenset[str] = frozenset(get_args(Function))

# Real-looking titles, by language and function; a semicolon between titles, which may hold commas.
TITLES: dict[str, dict[Function, str]] = {
    "en": {
        "purchasing": """
            Buyer; Strategic Buyer, Electronics; Lead Buyer; Buyer Assistant; MRO Buyer;
            Purchasing Engineer; Head of Engineering Procurement; VP Procurement;
            Vice President of Procurement; Sourcing Specialist; Supply Chain Sourcing Manager;
            Category Manager; Global Commodity Manager, Semiconductors; Supplier Development Engineer;
            Vendor Manager; Chief Procurement Officer; CPO""",
        "development": """
            Software Developer; Electrical Engineer; Head of Engineering; VP Engineering; SVP R&D;
            R & D Manager; Head of Research and Development; Process Engineer; Quality Engineer;
            Product Manager; Head of Product; Technical Director; Chief Engineer;
            Mechanical Design Engineer; Eng. Manager; Medical Electronics Engineer; Photomask Engineer;
            Lighting Engineer; Assistant Engineer; Development Manager""",
        "executive": """
            CEO; C.E.O.; CTO; CFO; COO; CIO; Chief Technology Officer; Chief Product Officer;
            Managing Director; Founder & CEO; Owner; President; Vice President; Director;
            Chairman of the Board""",
        "operations": """
            Plant Manager; Supply Chain Manager; Logistics Coordinator; Warehouse Manager;
            Quality Manager; Supplier Quality Engineer; Production Planner; Maintenance Engineer;
            Operations Director""",
        "finance": """
            Controller; Financial Controller; Senior Accountant; Head of Finance;
            Accounts Payable Clerk; Treasurer; Purchase Ledger Clerk""",
        "other": """
            Sales Engineer; Key Account Manager; Business Development Manager; Property Developer;
            Manager; Learning and Development Specialist; Learning & Development; Corporate Development;
            Media Buyer; Talent Acquisition Manager; Human Resources Development Manager;
            Executive Assistant to the CEO; Retail Category Manager; Engineering Lecturer;
            Office Manager""",
    },
    "de": {
        "purchasing": """
            Einkaufsleiterin; Strategischer Einkäufer (m/w/d); Strategische Einkaeuferin;
            Technischer Einkäufer; Einkäufer/in; Einkäufer:in Elektronik; Leiter Einkauf;
            Entwicklungseinkäufer; Sachbearbeiter Beschaffung; Prokurist, Leiter Einkauf;
            Lieferantenmanager; Warengruppenmanagerin""",
        "development": """
            Entwicklungsingenieur; Entwicklungsingenieurin Leistungselektronik; Hardware-Entwickler*in;
            Konstrukteur; Leiter F&E; Leiter F & E; Leiterin Forschung und Entwicklung;
            Teamleiter Softwareentwicklung; Technische Leiterin; Technischer Leiter; Elektroingenieur;
            Forschungs- und Entwicklungsleiter; Produktmanagerin; Projektleiter Entwicklung;
            Datenbankentwickler; Techn. Leiter; Dipl.-Ing.; Leiter IT""",
        "executive": """
            Geschäftsführer; Geschaeftsfuehrerin; Technischer Geschäftsführer; Vorstandsvorsitzende;
            Prokurist; Geschäftsführender Gesellschafter; Inhaberin; Mitglied des Vorstands""",
        "operations": """
            Werkleiter; Produktionsleiterin; Leiter Logistik; Disponent; Qualitätsmanager; Mechatroniker""",
        "finance": """
            Leiter Rechnungswesen; Buchhalterin; Kaufmännischer Leiter; Leiterin Controlling;
            Finanzleiter""",
        "other": """
            Vertriebsingenieur; Vertriebsleiter; Leiter Geschäftsentwicklung;
            Referentin Personalentwicklung; Assistentin der Geschäftsführung; Immobilienentwickler;
            Organisationsentwickler; Teamentwicklung; Marktforscherin""",
    },
    "es": {
        "purchasing": """
            Jefe de Compras; Directora de Compras; Compradora técnica; Responsable de aprovisionamientos""",
        "development": """
            Ingeniero de desarrollo; Desarrolladora de software; Director de I+D;
            Responsable de I + D + i; Director Técnico; Ingeniera industrial;
            Jefa de Investigación y Desarrollo""",
        "executive": "Director General; Consejera Delegada; Presidente; Gerente General",
        "operations": """
            Jefe de Producción; Directora de Operaciones; Responsable de Logística; Jefe de Planta""",
        "finance": "Director Financiero; Contable; Responsable de Tesorería",
        "other": "Ingeniero de ventas; Desarrollo de negocio; Director Comercial; Recursos Humanos",
    },
    "zh": {
        "purchasing": """
            采购总监; 采购经理; 高级采购工程师; 战略采购; 採購經理; 采购副总裁; 供应链采购专员;
            供应商开发工程师; 首席采购官; 技术采购; 采购Buyer""",
        "development": """
            研发工程师; 研发总监; 研發副總; 技术总监; 总工程师; 软件工程师; 硬件工程师; 结构工程师;
            产品经理; R&D总监; 首席工程师; 質量工程師""",
        "executive": "首席技术官; 首席执行官; 首席财务官; 总经理; 副总经理; 董事长; 公司CEO; 总裁",
        "operations": "供应链经理; 厂长; 生产经理; 质量经理; 物流主管; 供应商质量工程师; 仓库主管",
        "finance": "财务总监; 会计; 財務經理; 审计专员",
        "other": """
            总经理助理; 业务发展经理; 市场开发经理; 房地产开发经理; 销售工程师; 人才发展经理;
            人力资源总监""",
    },
    "fr": {
        "purchasing": "Acheteur industriel; Acheteuse projet; Responsable achats; Directrice des achats",
        "development": """
            Ingénieur R&D; Ingénieur d'études; Responsable bureau d'études; Directeur technique;
            Chef de projet développement logiciel; Directeur Recherche et Développement""",
        "executive": "Directeur général; Directrice Générale; PDG; Gérant",
        "operations": "Directeur de production; Responsable logistique; Directeur d'usine",
        "finance": "Directeur financier; Contrôleur de gestion; Comptable",
        "other": """
            Responsable développement commercial; Ingénieur commercial;
            Directrice des ressources humaines""",
    },
    "it": {
        "purchasing": "Responsabile acquisti; Ufficio Acquisti; Direttrice acquisti",
        "development": """
            Progettista elettronico; Responsabile ricerca e sviluppo; Direttore tecnico;
            Ingegnere elettronico""",
        "executive": "Amministratore delegato; Direttrice generale; Titolare",
        "operations": "Direttore di stabilimento; Responsabile produzione; Responsabile logistica",
        "finance": "Responsabile contabilità; Direttore finanziario",
        "other": "Direttore commerciale; Responsabile risorse umane; Addetta vendite",
    },
    "pt": {
        "purchasing": "Gerente de Compras; Comprador sênior; Analista de suprimentos",
        "development": """
            Engenheira de desenvolvimento; Coordenador de P&D; Desenvolvedor de software;
            Diretor técnico""",
        "executive": "Diretor-geral; Diretora Executiva; Presidente",
        "operations": "Gerente de produção; Diretor industrial; Coordenador de logística",
        "finance": "Diretor financeiro; Contador",
        "other": "Gerente de Vendas; Desenvolvimento de negócios; Recursos humanos",
    },
    "nl": {
        "purchasing": "Inkoper; Strategisch inkoper; Hoofd inkoop; Inkoopmanager; Inkoopster",
        "development": """
            Softwareontwikkelaar; R&D-manager; Ontwikkelingsingenieur; Constructeur; Technisch directeur""",
        "executive": "Algemeen directeur; Eigenaar; Bestuursvoorzitter",
        "operations": "Fabrieksdirecteur; Logistiek manager; Hoofd productie",
        "finance": "Boekhouder; Financieel directeur",
        "other": "Accountmanager; Verkoopmanager; Directiesecretaresse; Projectontwikkelaar vastgoed",
    },
    "pl": {
        "purchasing": """
            Kierownik działu zakupów; Specjalista ds. zakupów; Dyrektor zakupów; Kupiec strategiczny""",
        "development": """
            Konstruktor; Inżynier ds. rozwoju produktu; Kierownik działu B+R; Programista; Technolog""",
        "executive": "Prezes zarządu; Członek zarządu; Dyrektor generalny; Właściciel",
        "operations": "Dyrektor zakładu; Kierownik produkcji; Kierownik magazynu",
        "finance": "Główny księgowy; Dyrektor finansowy",
        "other": "Specjalista ds. rozwoju biznesu; Kierownik sprzedaży; Asystentka zarządu",
    },
    "ja": {
        "purchasing": "購買部長; 調達課長; 資材調達担当; バイヤー; ﾊﾞｲﾔｰ",
        "development": """
            開発部長; 研究開発部 主任; ソフトウェアエンジニア; 設計課長; 技術部長; 生産技術エンジニア""",
        "executive": "代表取締役社長; 最高経営責任者; 専務取締役",
        "operations": "工場長; 品質保証部長; 物流課長; 製造部長",
        "finance": "経理部長; 財務課長",
        "other": "営業部長; 人材開発部; 事業開発マネージャー; 社長秘書",
    },
}

CASES = [
    pytest.param(title.strip(), function, id=f"{language}-{' '.join(title.split())}")
    for language, functions in TITLES.items()
    for function, titles in functions.items()
    for title in titles.split(";")
]
ALL_TITLES = [str(case.values[0]) for case in CASES]


@pytest.mark.parametrize(("title", "function"), CASES)
def test_titles_name_a_function(title: str, function: Function) -> None:
    """Titles as CRMs hold them are read as a person of the trade would read them."""
    assert function_of(" ".join(title.split())) == function


@pytest.mark.parametrize(
    ("title", "department", "function"),
    [
        ("Manager", "Procurement", "purchasing"),
        ("Leiter", "Einkauf", "purchasing"),
        ("经理", "采购部", "purchasing"),
        ("部長", "購買部", "purchasing"),
        ("Responsable", "Achats", "purchasing"),
        (None, "Purchasing", "purchasing"),
        ("Director", "R&D", "development"),
        ("", "Entwicklung", "development"),
        ("Team Lead", "Engineering", "development"),
        ("经理", "研发中心", "development"),
        ("Director", "Finance", "finance"),
        ("Manager", "Supply Chain", "operations"),
        ("Manager", "Business Development", "other"),
        ("Director", "", "executive"),
    ],
)
def test_a_department_speaks_where_the_title_says_nothing(
    title: str | None, department: str, function: Function
) -> None:
    """A rank alone takes its function from the department."""
    assert function_of(title, department) == function


@pytest.mark.parametrize(
    ("title", "department", "function"),
    [
        ("Engineer", "Procurement", "purchasing"),
        ("Engineer", "Maintenance", "operations"),
        ("Supply Chain Manager", "Procurement", "purchasing"),
        ("Category Manager", "Marketing", "other"),
        ("Category Manager", "Retail", "other"),
        ("Category Manager", "Procurement", "purchasing"),
        ("CPO", "Product Management", "development"),
    ],
)
def test_a_department_decides_a_title_that_only_leans(
    title: str, department: str, function: Function
) -> None:
    """Words that mean one thing here and another there are settled by where the person works."""
    assert function_of(title, department) == function


@pytest.mark.parametrize(
    ("title", "department", "function"),
    [
        ("Software Developer", "Procurement", "development"),
        ("Buyer", "R&D", "purchasing"),
        ("CEO", "Procurement", "executive"),
        ("Sales Manager", "Procurement", "other"),
        ("Einkäufer", "Entwicklung", "purchasing"),
    ],
)
def test_a_firm_title_outranks_the_department(title: str, department: str, function: Function) -> None:
    """Where someone sits does not change what a clear title says."""
    assert function_of(title, department) == function


@pytest.mark.parametrize(
    ("title", "department", "function"),
    [
        ("PA to CEO", None, "other"),
        ("Executive Assistant", "CEO Office", "other"),
        ("Secretary to the Managing Director", None, "other"),
        ("Sekretärin der Geschäftsleitung", None, "other"),
        ("Sekretaerin", "Geschäftsleitung", "other"),
        (None, "Vorstandssekretariat", "other"),
        ("Asistente del Director General", None, "other"),
        ("Assistante du PDG", None, "other"),
        ("Segretaria di direzione", None, "other"),
        ("Sekretarka prezesa", None, "other"),
        ("首席执行官助理", None, "other"),
        ("总裁办秘书", None, "other"),
        ("総務部 社長秘書", None, "other"),
        ("Einkaufsassistentin", None, "purchasing"),
        ("Assistant Buyer", None, "purchasing"),
        ("采购助理", None, "purchasing"),
        ("助理工程师", None, "development"),
        ("Assistant Vice President", None, "executive"),
        ("CEO", "Generalsekretariat", "executive"),
    ],
)
def test_who_assists_a_head_is_none(title: str | None, department: str | None, function: Function) -> None:
    """Assistants and secretaries take the function they work in, never the rank they work for."""
    assert function_of(title, department) == function


@pytest.mark.parametrize("title", ALL_TITLES)
def test_spelling_does_not_matter(title: str) -> None:
    """Case, white space, composed or decomposed accents, full width and soft hyphens change nothing."""
    expected = function_of(title)
    for variant in (
        title.upper(),
        title.lower(),
        title.title(),
        f" \t{title}\n ",
        title.replace(" ", "  "),
        title.replace(" ", "\u00a0"),
        unicodedata.normalize("NFD", title),
        unicodedata.normalize("NFKC", title),
        unicodedata.normalize("NFKD", title),
        "\u00ad".join(title),
    ):
        assert function_of(variant) == expected, ascii(variant)


@pytest.mark.parametrize(
    "title", TITLES["de"]["purchasing"].split(";") + TITLES["de"]["executive"].split(";")
)
def test_german_umlauts_may_be_written_out_or_lost(title: str) -> None:
    """Einkäufer, Einkaeufer and Einkaufer are the same person in different systems."""
    expected = function_of(title)
    assert function_of(title.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")) == expected
    assert function_of(title.translate(str.maketrans("äöü", "aou"))) == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "\x00",
        "\ud800",
        "\udfff buyer \ud800",
        "🙂",
        "-",
        "&&&",
        "a" * 10_000,
        "采" * 10_000,
        "\ufdfa" * 10_000,
        "buyer " * 10_000,
        "\u0301" * 10_000,
        " " * 10_000 + "buyer",
    ],
    ids=ascii,
)
def test_hostile_text_is_read_like_any_other(text: str | None) -> None:
    """Nothing a source system may send raises or takes long."""
    assert function_of(text) in FUNCTIONS
    assert function_of(text, text) in FUNCTIONS
    assert len(fold(text or "")) <= 3 * LONGEST


@given(st.text(st.characters(), max_size=400), st.none() | st.text(st.characters(), max_size=400))
def test_any_text_gives_a_function(title: str, department: str | None) -> None:
    """Whatever stands in the two fields, one of the six functions comes out, and the same one every time."""
    function = function_of(title, department)
    assert function in FUNCTIONS
    assert function_of(title, department) == function


@given(
    st.lists(st.sampled_from(ALL_TITLES), min_size=1, max_size=4), st.sampled_from([" ", ", ", " / ", "\n"])
)
def test_titles_in_a_row_give_a_function(titles: list[str], between: str) -> None:
    """Several titles in one field are read as one text, in capitals or not."""
    text = between.join(titles)[:LONGEST]
    assert function_of(text) in FUNCTIONS
    assert function_of(text.lower()) == function_of(text)


def test_an_entry_means_one_thing() -> None:
    """No table takes back what another says: every entry has one strength and one function."""
    meanings = defaultdict(set)
    for entry, strength, function in entries():
        meanings[entry].add((strength, function))
    assert {entry: said for entry, said in meanings.items() if len(said) > 1} == {}


def test_every_language_is_tried() -> None:
    """A language added to the tables is added to these titles too."""
    assert set(TITLES) == set(LANGUAGES)


def test_entries_stay_below_the_bound() -> None:
    """No entry is longer than the text that is read, none a single letter that matches anywhere."""
    for entry, _, _ in entries():
        assert 2 <= len(entry) <= LONGEST
