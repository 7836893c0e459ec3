"""Portuguese."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            compras, comprador*, aquisições, aquisição, suprimentos, aprovisionamento*,
            desenvolvimento de fornecedores, gestão de fornecedores, licitações, procurement""",
        "development": """
            p&d, pesquisa e desenvolvimento, investigação e desenvolvimento, desenvolvedor*,
            programador*, desenvolvimento de produto*, desenvolvimento de software, engenharia,
            diretor técnico, diretora técnica, responsável técnico, responsável técnica, líder técnico,
            líder técnica, gerente técnico, gerente técnica, gestor técnico, coordenador técnico,
            projetista*, desenhador*""",
        "executive": """
            diretor geral, diretora geral, director geral, diretor executivo, diretora executiva,
            presidente, administrador delegado, sócio gerente, gerente geral, proprietári*, fundador*,
            dono""",
        "operations": """
            logístic*, armazém, manutenção, gerente de produção, gerente de fábrica, diretor de fábrica,
            diretor industrial, gerente industrial, diretor de operações, qualidade de fornecedores,
            chefe de produção, almoxarif*""",
        "finance": "contabil*, contador*, financeir*, tesourari*, tesoureir*, controladoria, contas a pagar",
        "other": """
            vendas, vendedor*, comercial*, desenvolvimento de negócio*, desenvolvimento comercial,
            desenvolvimento humano, desenvolvimento organizacional, desenvolvimento de pessoas,
            desenvolvimento imobiliário, recursos humanos, advogad*, professor*""",
    },
    "loose": {
        "purchasing": "fornecedores",
        "development": """
            engenheir*, desenvolvimento, pesquisa, pesquisador*, inovação, gerente de produto*,
            gestor de produto*, gestora de produto*""",
        "operations": """
            produção, qualidade, operações, fábrica, técnic*, cadeia de suprimentos,
            cadeia de abastecimento""",
    },
    "engineer": {"development": "engenheiro, engenheira, engenheiros, engenheiras"},
    "rank": {
        "executive": "diretor, diretora, vice presidente, sócio, sócia",
    },
}
