"""French."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            achat, achats, acheteur*, acheteuse*, approvisionn*, développement fournisseur*,
            relations fournisseurs, gestion fournisseurs, marchés publics, sourceur*""",
        "development": """
            r et d, recherche et développement, développeur*, développeuse*, développement produit*,
            développement logiciel*, bureau d'études, bureau d'étude, responsable be,
            directeur technique, directrice technique, responsable technique, ingénierie, concepteur*,
            conceptrice*, programmeur*, logiciel*, dessinateur*, dessinatrice*, projeteur*""",
        "executive": """
            pdg, p.d.g., directeur général, directrice générale, direction générale, président,
            présidente, gérant, gérante, fondateur*, fondatrice*, propriétaire, chef d'entreprise,
            dirigeant*, dg, daf""",
        "operations": """
            logistique*, entrepôt, magasinier*, maintenance, directeur d'usine, directrice d'usine,
            chef d'atelier, directeur de site, responsable production, responsable de production,
            directeur de production, directeur des opérations, qualité fournisseur*, chef de production""",
        "finance": """
            comptab*, financ*, trésor*, contrôleur de gestion, contrôle de gestion,
            commissaire aux comptes""",
        "other": """
            commercial*, vente*, vendeur*, vendeuse*, développement commercial,
            développement des affaires, développement des compétences, développement rh,
            développement personnel, développement immobilier, développement durable,
            développement local, formation, formateur*, ressources humaines, rh, juridique, avocat*,
            enseignant*, promoteur*""",
    },
    "loose": {
        "purchasing": "fournisseur*, acheminement, catégorie*",
        "development": """
            développement, études, recherche, chercheur*, innovation, conception, technique,
            informatique, chef de produit""",
        "operations": """
            production, qualité, opérations, usine, exploitation, technicien*, atelier, supply, méthodes""",
        "finance": "contrôleur",
    },
    "engineer": {"development": "ingénieur, ingénieurs, ingénieure, ingénieures"},
    "rank": {
        "executive": "directeur, directrice, vice président, vice présidente, associé",
    },
    "aide": {"other": "secrétaire*"},
}
