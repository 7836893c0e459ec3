"""Spanish."""

from accounts.role_words.table import Words

WORDS: Words = {
    "firm": {
        "purchasing": """
            compras, compra, comprador*, adquisicion*, aprovisionamiento*, abastecimiento,
            abastecimientos, contratación pública, proveedores, desarrollo de proveedores,
            licitacion*, jefe del departamento de contratación, jefa del departamento de contratación""",
        "development": """
            desarrollador*, desarrolador*, i+d, investigación y desarrollo, desarrollo de producto*,
            desarrollo de software, desarrollo tecnológico, programador*, ingeniería,
            director técnico, directora técnica, responsable técnico, responsable técnica,
            gerente técnico, jefe técnico, jefa técnica, dirección técnica, ingeniero de desarrollo,
            ingeniera de desarrollo, ingeniero de diseño, ingeniera de diseño, delineante*,
            proyectista*""",
        "executive": """
            director general, directora general, dirección general, gerente general,
            consejero delegado, consejera delegada, director ejecutivo, directora ejecutiva,
            presidente, presidenta, propietari*, fundador*, dueño, dueña, administrador único,
            director gerente, directora gerente, socio director, consejo de administración""",
        "operations": """
            logístic*, almacen*, mantenimiento, jefe de producción, jefa de producción,
            jefe de planta, jefa de planta, director de planta, directora de planta,
            director de producción, directora de producción, director de operaciones,
            directora de operaciones, gerente de planta, gerente de producción, jefe de calidad,
            jefa de calidad, calidad de proveedores, cadena de suministro, cadena de abastecimiento,
            agua de abastecimiento, director de distribución, operador*, operari*, montador*""",
        "finance": """
            contable, contables, contabilidad, contador*, finanz*, financier*, tesorer*,
            auditor de cuentas, fiscal, nóminas""",
        "other": """
            ventas, vendedor*, comercial*, marketing, mercadotecnia, desarrollo de negocio*,
            desarrollo comercial, desarrollo personal, desarrollo organizacional,
            desarrollo organizativo, desarrollo de talento, desarrollo del talento,
            desarrollo profesional, desarrollo comunitario, desarrollo rural, desarrollo local,
            desarrollo urbano, desarrollo económico, desarrollo inmobiliario, desarrollo humano,
            formación y desarrollo, inmobiliari*, investigación de mercado*, recursos humanos, rrhh,
            adquisición de talento, abogad*, profesor*, docente*, formador*, instructor*, médico,
            médica, enfermer*, periodista*, fotógraf*, fusiones y adquisiciones,
            adquisición de terrenos, adquisiciones bibliotec*, compra y venta, compra venta,
            compraventa, opción a compra, compras personales, compras de medios, compras de espacios,
            publicidad, importación, exportación, atención al cliente, e learning,
            aprendizaje electrónico""",
    },
    "loose": {
        "purchasing": """
            suministros, contratación, licita*, aprovision*, categorías, especialista de categoría""",
        "development": """
            ingenier*, desarroll*, innovación, arquitecto de sistemas, arquitecta de sistemas,
            arquitecto naval, arquitecta naval, arquitecto de aplicaciones, arquitecta de
            aplicaciones, arquitecto de soluciones, arquitecta de soluciones, probador de
            aplicaciones, probadora de aplicaciones, ingeniero biomédico, ingeniera biomédica,
            arquitecto de software, arquitecta de software, arquitecto de red*, arquitecta de red*,
            arquitecto tic, arquitecta tic, probador de sistemas, probadora de sistemas, probador
            tic, accesibilidad, usabilidad, científico de datos, científica de datos, consultor
            tic, consultora tic, consultor de tic, consultora de tic, analista de sistemas,
            analistas de sistemas, analizador de sistemas, analista de datos, analistas de datos,
            integración de sistemas, integración de aplicaciones, integración del sistema, visión
            artificial, visión por computadora, configurador*, analista de telecomunicaciones,
            analista de negocios tic, dibujante técnic*, bioingenier*, ingeniero médico, ingeniera
            médica, ingeniería médica, electrónica médica, tecnología médica, homologacion*,
            product manager, gestor de producto, gestora de producto, jefe de producto*, jefa de
            producto*, director de producto*, directora de producto*, responsable de producto*,
            mantenimiento predictivo, analista de pruebas, tester de software, tester de sistemas,
            experiencia de usuario, experiencia del usuario, calidad tic*, calidad software,
            técnico laboratorio*, técnica laboratorio*, técnico ensayos, técnica ensayos, técnico
            diseño, técnica diseño, técnico investigación, técnica investigación, probador*,
            industria 4.0, fabricación inteligente, producción inteligente""",
        "operations": """
            auxiliar, mezclador*, drenaje*, riego, rociadores, alarma, alcantarillado, instalación,
            instalaciones, reparación, montaje, separador*, distribución, ensamblador*, soldador*,
            instalador*, reparador*, mantenedor*, procesador*, soporte, servicio de asistencia,
            administrador sistemas, administradora sistemas, supervisor*, entrenador*""",
        "finance": """
            costes, créditos, jefe de administración, jefa de administración,
            director de administración, directora de administración, responsable de administración""",
        "other": """
            ingeniero de vuelo, contratación personal, contratación turística, contratación hotelera,
            contratación talento, contratación laboral, ingeniera de vuelo, ingeniero de sonido,
            ingeniera de sonido, militar*, ejército, preventa, mayorista*, comerciante*, comercio,
            tienda, turístic*, bancari*, patronista*, cuentas, investigación policial,
            investigador policial, investigadora policial, medios de comunicación""",
    },
    "engineer": {"development": "ingeniero, ingeniera, ingenieros, ingenieras"},
    "faint": {
        "development": """
            diseño, diseñador*, investigación, investigaciones, investigador*, tecnólog*, electrónic*,
            robótic*, automatización, mecatrónic*, energías renovables, fotovoltaic*, hidráulic*,
            acústic*, simulación, sensores, circuitos, baterías, tic, tics, ti, telecomunicaci*,
            telecos, comunicaciones móviles, confiabilidad, fiabilidad, tren motriz,
            traducción automática, especialista en datos, analizador de datos, analizadora de datos,
            codificador*, nube, oficina técnica, departamento técnico, medio ambiente,
            medioambiental*, ambiental*, geólog*, hidrólog*, mineralog*, cambio climático,
            laboratorio*, ensayos, energía, energétic*, químic*, infraestructura*, recicla*, residuos,
            hídric*, base de datos, bases de datos, almacenamiento de datos, depósitos de datos,
            sistemas, sistema, ciclo de vida, configuración, embalaje*, aeroespacial*, astronáutic*,
            eléctrico, eléctrica, biotecnol*, bioquím*, petróleo, petroler*, geofísic*, geotécnic*,
            geotérmic*, geoquímic*, combustible*, biogás, eólic*, térmic*, termodinámic*,
            aerodinámic*, fotónic*, semiconductor*, calibra*, metrolog*, instrumentación, ciber*,
            aplicaciones, juegos digitales, asistido por ordenador, dibujo técnico, prototipo*,
            arquitect*, topógraf*, integración, verificación, metalurgi*, microelectrónic*,
            optoelectrónic*, microelectromecánic*, hidroeléctric*, satélite*, antena*, inalámbric*,
            radiofrecuencia, interfaz, interfaces, videojuegos, cadena de bloques, gestión del agua,
            tratamiento de aguas, suelos, obra civil, cálculo de estructuras, productos sanitarios,
            dispositivos médicos, sidra, aparejador*, minas, drones, vehículos autónomos, nano*,
            electromagnétic*, radar, reactor*, protección radiológica, subestacion*, optomecánic*,
            domótic*, puesta en marcha, validación, emisiones, contaminación, vertedero*, ecosistema*,
            realidad virtual, realidad aumentada, biomaterial*, enólog*, cervecer*, láser, hidrógeno,
            inteligencia artificial, aprendizaje automático, algoritmo*, aguas residuales,
            continuidad empresarial, continuidad del negocio, recuperación de desastres""",
        "operations": """
            producción, operaciones, fabricación, planta, calidad, suministro, planificador*,
            transporte*, seguridad, procesos""",
        "other": """
            lingüist*, filosof*, filósof*, teolog*, teólog*, religio*, criminolog*, polític*,
            antropolog*, antropólog*, sociolog*, sociólog*, psicolog*, psicólog*, histori*,
            arqueolog*, arqueólog*, econom*, jurídic*, cultur*, música*, danza, teatr*, cine,
            peluquer*, maquillaje, vestuario, floral*, clínic*, hospital*, paciente*, medicina*,
            deport*, demograf*, demógraf*, comportamiento, gráfic*, iluminación, interiores, joyas,
            moda, decorados, escénic*, escena, vídeo, máscaras, web design*, diseñador web,
            diseñadora web, diseño web, diseñador de producción, diseñadora de producción, educativ*,
            enseñanza, didáctic*, instruccional, instructiv*, asistencial, necesidades especiales,
            sociales, social, criminal, fraude*, literatura, biomédic*, veterinari*,
            marketing digital, turismo""",
    },
    "rank": {
        "executive": "director, directora, vicepresident*, socio, socia",
        "operations": "administrador*, técnico, técnica, técnicos, técnicas",
    },
    "aide": {"other": "asistente*, secretari*"},
}
