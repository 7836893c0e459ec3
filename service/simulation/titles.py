"""Job titles as people write them in their signatures, with departments; and first and last names."""

Title = tuple[str, str | None]

FUNCTIONS = ("development", "purchasing", "executive", "operations", "finance")

TITLES: dict[str, dict[str, tuple[Title, ...]]] = {
    "en": {
        "development": (
            ("Senior Development Engineer", "R&D"),
            ("Head of R&D", "R&D"),
            ("Controls Engineer", "Engineering"),
            ("Lead Mechanical Engineer", "Engineering"),
            ("Firmware Developer", "Product Development"),
            ("Principal Engineer, Motion", "R&D"),
            ("R&D Manager", None),
            ("Design Engineer", "Mechanical Design"),
            ("Software Engineer", "Robotics Software"),
            ("Engineering Manager", "Engineering"),
        ),
        "purchasing": (
            ("Strategic Buyer", "Purchasing"),
            ("Procurement Manager", "Procurement"),
            ("Senior Buyer, Electronics", "Supply Chain"),
            ("Commodity Manager", "Strategic Sourcing"),
            ("Director of Purchasing", "Purchasing"),
            ("Sourcing Specialist", "Global Sourcing"),
            ("Category Manager Motion & Drives", "Indirect & Direct Procurement"),
            ("Purchasing Agent", None),
        ),
        "executive": (
            ("Chief Technology Officer", "Management"),
            ("Managing Director", None),
            ("CEO", None),
            ("VP Engineering & Operations", "Executive"),
        ),
        "operations": (
            ("Production Manager", "Manufacturing"),
            ("Maintenance Supervisor", "Plant Services"),
            ("Quality Engineer", "Quality"),
            ("Plant Manager", "Operations"),
        ),
        "finance": (("Financial Controller", "Finance"), ("Accounts Payable Clerk", "Accounting")),
        "unknown": (("Special Projects", None), ("Key User", None), ("Consultant (ext.)", None)),
    },
    "de": {
        "development": (
            ("Entwicklungsingenieur", "Entwicklung"),
            ("Leiter Entwicklung", "F&E"),
            ("Konstrukteurin", "Konstruktion"),
            ("Gruppenleiterin Steuerungstechnik", "Entwicklung"),
            ("Softwareentwickler Robotik", "Entwicklung"),
            ("Technischer Projektleiter", "Konstruktion"),
            ("Versuchsingenieurin", "Vorentwicklung"),
            ("Hardwareentwickler", "F&E"),
        ),
        "purchasing": (
            ("Strategischer Einkäufer", "Einkauf"),
            ("Leiterin Einkauf", "Einkauf"),
            ("Projekteinkäufer", "Technischer Einkauf"),
            ("Lead Buyer Antriebstechnik", "Einkauf"),
            ("Warengruppenmanager", "Beschaffung"),
            ("Einkäuferin", None),
        ),
        "executive": (
            ("Geschäftsführer", None),
            ("Technische Geschäftsführerin", "Geschäftsleitung"),
            ("Vorstand Technik", None),
        ),
        "operations": (
            ("Fertigungsleiter", "Produktion"),
            ("Leiterin Instandhaltung", "Werk 2"),
            ("Qualitätsbeauftragter", "Qualität"),
        ),
        "finance": (("Kaufmännische Leiterin", "Finanzen"), ("Controller", "Controlling")),
        "unknown": (("Teamassistenz", None), ("Sonderaufgaben", None), ("i. A.", None)),
    },
    "zh": {
        "development": (
            ("研发工程师", "研发部"),
            ("研发总监", "研发中心"),
            ("电气工程师", "技术部"),
            ("机械设计工程师", "设计部"),
            ("软件工程师", "研发部"),
            ("R&D Manager", "研发中心"),
        ),
        "purchasing": (
            ("采购经理", "采购部"),
            ("采购总监", "供应链中心"),
            ("采购专员", "采购部"),
            ("战略采购", "供应链管理部"),
            ("Sourcing Manager", "采购部"),
        ),
        "executive": (("总经理", None), ("副总裁", "总裁办"), ("首席技术官", None)),
        "operations": (("生产经理", "生产部"), ("设备主管", "设备部"), ("质量工程师", "质量部")),
        "finance": (("财务经理", "财务部"),),
        "unknown": (("助理", None), ("项目专员", None)),
    },
}

Name = tuple[str, str]  # as written, as in an email address

_LATIN = {
    "en": (
        """Amara Bevan Clara Dennis Edith Farrah Gavin Hollis Imani Jonas Keira Lowell Maeve Nolan Orla
        Perry Quinn Rosalind Stellan Tamsin Ulric Verity Wendell Yara""",
        """Abernolt Brackley Cadwick Dunmere Ellsworthy Fenwright Garlick Holloway Ingleby Jessop Kirkwell
        Lathbury Marchmont Northey Oakhurst Pellow Quarles Ridgewell Standen Thornbury Upwood Wexcombe""",
    ),
    "de": (
        """Anke Bernd Carla Detlef Elif Frauke Gregor Heike Ingo Jutta Kaya Lennart Mareike Nils Olaf Petra
        Ruben Silke Torben Ulrike Volker Wiebke""",
        """Ackerbauer Brinkhaus Dornseif Eschweiler Falkenrath Grothues Hollerbeck Isenberg Jagdhuber
        Kleinschrot Lohrengel Mettbach Niederhoff Ostkamp Pfannstiel Quernheim Rohwedder Steinkühler""",
    ),
}
_CHINESE = {
    "zh": (
        "陈 chen 李 li 王 wang 赵 zhao 周 zhou 吴 wu 徐 xu 孙 sun 高 gao 林 lin",
        """立伟 liwei 晓梅 xiaomei 志远 zhiyuan 静怡 jingyi 国强 guoqiang 雨桐 yutong 海峰 haifeng
        思源 siyuan 文博 wenbo 丽华 lihua""",
    ),
}


def _latin(first_names: str, last_names: str) -> tuple[Name, ...]:
    plain = str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss"})
    return tuple(
        (f"{first} {last}", f"{first}.{last}".lower().translate(plain))
        for first in first_names.split()
        for last in last_names.split()
    )


def _chinese(families: str, given_names: str) -> tuple[Name, ...]:
    family, given = families.split(), given_names.split()
    return tuple(
        (family[f] + given[g], f"{given[g + 1]}.{family[f + 1]}")
        for f in range(0, len(family), 2)
        for g in range(0, len(given), 2)
    )


NAMES: dict[str, tuple[Name, ...]] = {
    **{language: _latin(*names) for language, names in _LATIN.items()},
    **{language: _chinese(*names) for language, names in _CHINESE.items()},
}
