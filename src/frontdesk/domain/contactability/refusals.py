"""Refusals in other languages than English: keywords as carriers take them there, and plain sentences. Data and how it
is read; what follows from a refusal, and English: `model`.

Only what can mean nothing else stands here. A clause has to be a refusal from its first word to its last, and its
sentence must set no condition; what may go on in many ways ("no me escriban") has to be the whole reply. Anything else
is left to whoever answers.
"""

import re
import unicodedata

KEYWORDS = frozenset([
    # Spanish
    "alto", "baja", "darsedebaja", "darmedebaja", "detener", "salir", "paraporfavor", "porfavorpara",
    # French
    "arret", "arreter", "arretez", "desabonner", "desabonnement", "desinscrire", "desinscription",
    # German
    "stopp", "abmelden", "abmeldung", "abbestellen", "austragen",
    # Italian
    "basta", "disiscrivi", "disiscrivimi", "disiscrizione",
    # Portuguese, and Spanish again
    "parar", "pare", "parem", "sair", "descadastrar",
    # Dutch
    "afmelden", "stoppen", "uitschrijven",
    # Polish
    "wypisz", "wypiszmnie", "rezygnuje", "koniec",
])  # fmt: skip
"""Whole replies, without accents and spaces. Words that may cancel a call just as well are not among them."""

SURE_KEYWORDS = KEYWORDS - {"baja"}
"""Those that mean the same beside a "please": "baja, por favor" may ask for a lower price."""

COURTESIES = (
    r"por favor|porfa|gracias|ya mismo|s'il (?:vous|te) plait|svp|stp|merci|bitte|danke|endlich|sofort|"
    r"per (?:favore|piacere|cortesia)|grazie|subito|obrigad[oa]|imediatamente|alstublieft|alsjeblieft|aub|dank u|"
    r"onmiddellijk|prosze|dziekuje|natychmiast|please|thanks|ok|okay"
)
"""Words that leave a refusal what it is."""

_POLITE = re.compile(rf"\b(?:{COURTESIES})\b")

_TEXTS_ES = r"(?:mensajes?|sms|textos?)(?: de texto)?"
_TEXTS_FR = r"(?:messages?|sms|textos?)"
_TEXTS_DE = r"(?:nachrichten|nachricht|sms|texte|mitteilungen)"
_TEXTS_IT = r"(?:messaggi|messaggio|sms)"
_TEXTS_PT = r"(?:mensagens|mensagem|sms)"
_TEXTS_NL = r"(?:berichten|berichtjes|sms|sms'?jes|appjes)"
_TEXTS_PL = r"(?:wiadomosci|sms|sms-?ow|smsow|smsy|sms ow)"

_LANGUAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (  # Spanish
        r"hasta|si|cuando|mientras|hoy|manana|noche|antes|despues|durante|aun|todavia|trabajo",
        (
            rf"(?:ya )?no (?:me|nos) (?:escriban?|escribas|manden?|mandes|envien?|envies|contacten?|contactes|"
            rf"molesten?|"
            rf"molestes)(?: (?:nunca|ya))? mas(?: {_TEXTS_ES})?",
            rf"no (?:me|nos) (?:manden?|mandes|envien?|envies) {_TEXTS_ES} nunca mas",
            r"nunca mas (?:me|nos) (?:escriban?|escribas|contacten?|contactes|molesten?|molestes)",
            rf"(?:(?:les? )?(?:pido|ruego|exijo|quiero) que )?(?:ya )?(?:deja|deje|dejen|dejad|dejes) de "
            rf"(?:escribir(?:me|nos)|contactar(?:me|nos)|molestar(?:me|nos)|(?:mandar|enviar)(?:me|nos) {_TEXTS_ES})",
            rf"(?:ya )?no (?:quiero|deseo|queremos) (?:recibir )?(?:mas |ningun |sus |tus |estos )*{_TEXTS_ES}"
            r"(?: (?:suyos|de ustedes|de usted))?",
            r"(?:borr|quit|sac|elimin|saqu)(?:a|e|en|ad)(?:me|nos)(?: ya)? de (?:la |su |sus |tu |esta |todas sus )?"
            r"(?:lista|listas|base de datos)",
            r"(?:borr|quit|elimin)(?:a|e|en|ad) (?:mi numero|este numero|mis datos) de (?:la |su |sus |tu )?"
            r"(?:lista|listas|base de datos)",
            r"(?:(?:quiero|deseo|quisiera) )?(?:darme|me den|me de|deme|denme|dame) de baja",
            r"dej(?:a|e|en|ad)(?:me|nos) en paz",
        ),
    ),
    (  # French
        r"jusqu\w*|si|quand|pendant|avant|apres|aujourd\w*|demain|soir|nuit|travail|moment|lorsque|sauf",
        (
            r"(?:et )?ne (?:me |nous )(?:contact(?:ez|e|es)|text(?:ez|e|es)|derang(?:ez|e|es)) plus(?: jamais)?",
            rf"ne (?:m'|nous )(?:ecri(?:vez|s)|(?:envoy(?:ez|es?)|envoies?)) plus(?: jamais)?(?: rien|(?: (?:de|"
            rf"vos|ces))? "
            rf"{_TEXTS_FR})?",
            rf"(?:arret|cess)(?:ez|e|es) de (?:m'ecrire|me contacter|me deranger|m'importuner|me harceler|me texter|"
            rf"m'envoyer (?:des |vos |ces |tous ces )?{_TEXTS_FR})",
            rf"je ne (?:veux|souhaite|desire) plus (?:recevoir |avoir )?(?:de |vos |ces |aucun )*{_TEXTS_FR}",
            r"je ne (?:veux|souhaite|desire) plus etre (?:contacte|derange)e?",
            rf"plus de {_TEXTS_FR}",
            r"(?:desabonn|desinscriv|desinscri)(?:ez|e|s) moi(?: de (?:votre|la|cette|"
            r"vos) listes?(?: de diffusion)?)?",
            r"(?:retir|supprim|enlev|effac)(?:ez|e) (?:moi|mon numero|ce numero|mes coordonnees) de (?:votre|vos|"
            r"la|cette|"
            r"tes|ta) (?:listes?|base|bases|fichiers?)(?: de (?:donnees|contacts|diffusion))?",
            r"(?:laissez|laisse) (?:moi|nous) (?:tranquille|en paix)",
        ),
    ),
    (  # German; umlauts are written as vowels with an e, too
        r"bis|wenn|falls|wahrend|waehrend|vor|nach|heute|morgen|abends?|nachts|arbeit|solange|erst|ausser|"
        r"momentan|derzeit",
        (
            r"(?:schreib(?:en|t|e)?|kontaktier(?:en|t|e)?|bela?e?stig(?:en|t|e)?|textet?|texten)(?: sie| ihr)? "
            r"(?:mir|mich|uns) (?:nicht mehr|nie wieder|nie mehr)",
            rf"(?:schick(?:en|t|e)?|send(?:en|et|e)?)(?: sie| ihr)? (?:mir|"
            rf"uns) (?:keine (?:weiteren )?{_TEXTS_DE} mehr|"
            rf"keine weiteren {_TEXTS_DE}|nie wieder (?:eine |was|etwas|{_TEXTS_DE}){_TEXTS_DE}?)",
            rf"hoe?r(?:en|t)?(?: sie| ihr)? (?:damit )?auf (?:mir|mich|uns) (?:zu (?:schreiben|bela?e?stigen|"
            rf"kontaktieren|"
            rf"nerven|texten)|{_TEXTS_DE} zu (?:schicken|senden|schreiben))",
            rf"ich (?:will|moe?chte|wue?nsche)(?: von (?:ihnen|euch|dir))? (?:keine (?:weiteren )?{_TEXTS_DE} mehr|"
            rf"keine "
            rf"weiteren {_TEXTS_DE})(?: von (?:ihnen|euch|dir))?(?: (?:erhalten|bekommen|haben))?",
            r"ich (?:will|moe?chte) nicht mehr (?:kontaktiert|angeschrieben|bela?e?stigt) werden",
            rf"keine (?:weiteren {_TEXTS_DE}|{_TEXTS_DE} mehr)",
            r"(?:loe?sch(?:en|t|e)?|streich(?:en|t|e)?|entfern(?:en|t|e)?|nehm(?:en|t)|nimm)(?: sie|"
            r" ihr)? (?:mich|uns|"
            r"meine (?:nummer|daten|telefonnummer|handynummer)|diese nummer) (?:aus|von) (?:ihrer|ihren|ihrem|"
            r"eurer|eurem|"
            r"der|dem|dieser|allen|deiner) (?:liste|listen|datenbank|kartei|verteiler|system)",
            r"(?:meld(?:en|e|et)?|trag(?:en|t)?)(?: sie| ihr)? mich (?:ab|aus)",
            r"lass(?:en|t)?(?: sie| ihr)? (?:mich|uns) in ruhe",
        ),
    ),
    (  # Italian
        r"fino|finche|se|quando|mentre|oggi|domani|sera|notte|prima|dopo|durante|lavoro|ora|perche|come mai",
        (
            rf"non (?:mi|ci) (?:scrivete|scriva|mandate|mandi|inviate|invii|contattate|contatti|disturbate|disturbi)"
            rf"(?: mai)? piu(?: {_TEXTS_IT}| niente| nulla)?",
            rf"non (?:scriver|scrivete|mandar|mandate|inviar|inviate|contattar|contattate|disturbar|"
            rf"disturbate)(?:mi|ci)"
            rf"(?: mai)? piu(?: {_TEXTS_IT}| niente| nulla)?",
            rf"(?:smettete(?:la)?|smetta(?:la)?|smettila|smetti|finitela|basta) (?:di|con) (?:scriver|contattar|"
            rf"disturbar|"
            rf"(?:mandar|inviar))(?:mi|ci)(?: (?:questi )?{_TEXTS_IT})?",
            rf"(?:basta|smettetela) (?:con (?:i |questi ))?{_TEXTS_IT}",
            rf"non (?:voglio|desidero) (?:piu )?(?:ricevere )?(?:piu )?(?:altri |i vostri |vostri |questi |nessun )?"
            rf"{_TEXTS_IT}(?: da voi| vostri)?(?: piu)?",
            r"non (?:voglio|desidero) (?:piu essere|essere piu) (?:contattat|disturbat)[oa]",
            r"(?:cancell|rimuov|togli|elimin)(?:atemi|etemi|ami|imi|etemi)(?: subito)? (?:dalla|dalle|"
            r"da) (?:vostra |vostre "
            r"|questa |tutte le )?(?:lista|liste|rubrica|mailing list)",
            r"disiscriv(?:etemi|imi|ermi)",
            r"lasci(?:atemi|ami|ateci) (?:in pace|stare)",
        ),
    ),
    (  # Portuguese
        r"ate|se|quando|enquanto|hoje|amanha|noite|antes|depois|durante|trabalho|agora nao|ainda",
        (
            rf"(?:por favor )?nao (?:me |nos )?(?:mandem?|enviem?|escrevam?|contat?c?tem?|incomodem?)(?: me|"
            rf" nos)? mais"
            rf"(?: {_TEXTS_PT}| nada)?",
            rf"nao (?:me |nos )?(?:mandem?|enviem?)(?: me| nos)? {_TEXTS_PT} (?:nunca )?mais",
            rf"(?:pare|parem|para|deixem?) de (?:me |nos )(?:mandar|enviar|escrever|incomodar|"
            rf"contat?c?tar)(?: {_TEXTS_PT})?",
            rf"(?:pare|parem|para|deixem?) de (?:mandar|enviar|escrever|incomodar|contat?c?tar) (?:me|"
            rf"nos)(?: {_TEXTS_PT})?",
            rf"(?:ja )?nao (?:quero|desejo) (?:mais )?(?:receber )?(?:mais )?(?:as )?(?:suas |vossas |estas |essas )?"
            rf"{_TEXTS_PT}(?: suas| vossas| de voces| mais)?",
            r"nao (?:quero|desejo) (?:mais ser|ser mais) (?:contat?c?tad|incomodad)[oa]",
            r"(?:me )?(?:tir|remov|retir|apagu|exclu)(?:em?|am?)(?: me)?(?: (?:o )?meu numero| este numero|"
            r" (?:os )?meus "
            r"dados)? (?:da|das|do|de) (?:sua |suas |vossa |tua |todas as )?(?:lista|listas|base|cadastro|"
            r"sistema)(?: de "
            r"(?:dados|contatos|contactos))?",
            r"(?:me )?deixem?(?: me)? em paz",
        ),
    ),
    (  # Dutch
        r"tot|als|wanneer|terwijl|vandaag|morgen|avonds?|nachts|voor|na|tijdens|werk|tenzij|nu even|zolang",
        (
            rf"(?:stuur|zend)(?: u| jullie)? (?:mij|me|ons) (?:geen {_TEXTS_NL} meer|nooit meer (?:iets|een bericht|"
            rf"{_TEXTS_NL}))",
            r"(?:schrijf|sms|app|contacteer|benader)(?: u| jullie)? (?:mij|me|ons) (?:niet|nooit) meer",
            rf"stop(?:t)?(?: ermee)? (?:met )?(?:mij |me |ons )(?:te (?:sms'?en|appen|schrijven|benaderen|"
            rf"contacteren)|"
            rf"lastig te vallen|{_TEXTS_NL} te sturen)",
            rf"stop(?:t)? met (?:(?:het )?sturen van {_TEXTS_NL}|{_TEXTS_NL} sturen|(?:die|deze) {_TEXTS_NL})",
            rf"ik (?:wil|wens) (?:van (?:jullie|u) )?geen (?:verdere )?{_TEXTS_NL} (?:meer|van (?:jullie|"
            rf"u))(?: meer)?"
            r"(?: van (?:jullie|u))?(?: (?:ontvangen|krijgen))?",
            r"ik wil niet meer (?:benaderd|gecontacteerd|lastiggevallen) worden",
            rf"geen {_TEXTS_NL} meer",
            r"(?:haal|verwijder|schrap)(?: u| jullie)? (?:mij|me|ons|mijn (?:nummer|gegevens|telefoonnummer)|"
            r"dit nummer) "
            r"(?:uit|van) (?:jullie|uw|de|je|deze) (?:lijst|lijsten|bestand|bestanden|database|systeem)",
            r"(?:schrijf (?:mij|me) uit|meld (?:mij|me) af)",
            r"laat (?:mij|me|ons) met rust",
        ),
    ),
    (  # Polish
        r"do (?:jutra|poniedzialku|konca|czasu|godziny)|az|jesli|jezeli|kiedy|gdy|dzis|dzisiaj|jutro|wieczorem|"
        r"w nocy|przed|po|"
        r"podczas|dopoki|chyba|w pracy|na razie",
        (
            r"nie (?:pisz|piszcie|pisac|kontaktuj|kontaktujcie|kontaktowac)(?: do (?:mnie|nas)|"
            r" sie ze mna)? (?:juz )?"
            r"(?:nigdy )?wiecej(?: do (?:mnie|nas)| sie ze mna)?",
            rf"nie (?:wysylaj|wysylajcie|wysylac)(?: mi| nam)? (?:juz )?wiecej(?: mi)? {_TEXTS_PL}",
            r"(?:juz )?(?:wiecej )?(?:do mnie )?(?:juz|wiecej) (?:do mnie )?nie (?:pisz|piszcie|pisac)(?: do mnie)?",
            rf"(?:przestan|przestancie|przestac) (?:do mnie |mi )?(?:pisac|wysylac (?:mi )?{_TEXTS_PL}|mnie nekac)"
            r"(?: do mnie)?",
            rf"(?:juz )?nie (?:chce|zycze sobie|chcemy) (?:juz )?(?:wiecej )?(?:otrzymywac |dostawac )?(?:od (?:was|"
            rf"panstwa) )?(?:juz )?(?:wiecej )?(?:tych |zadnych |waszych )?{_TEXTS_PL}(?: od (?:was|panstwa))?",
            r"(?:usun|usuncie|usunac|wykreslcie|wykreslic|wypisz|wypiszcie|wypisac) (?:mnie|moj numer|ten numer|"
            r"moje dane) z "
            r"(?:waszej |tej |panstwa |swojej |twojej )?(?:listy|bazy)(?: danych| kontaktow)?",
            r"(?:dajcie|daj) mi (?:swiety )?spokoj",
            r"zostawcie mnie w spokoju",
        ),
    ),
)  # fmt: skip
"""Of each language: what makes a sentence a condition, and the clauses that refuse. Written without accents."""

WHOLE_REPLIES = (
    # Spanish; not "no mas mensajes", which is "only messages" in Mexico
    r"no (?:me|nos) (?:escriban?|escribas|contacten?|contactes|molesten?|molestes)",
    rf"no (?:me|nos) (?:manden?|mandes|envien?|envies) {_TEXTS_ES}",
    rf"basta de {_TEXTS_ES}",
    # French
    r"ne (?:m'|nous )ecri(?:vez|s) pas",
    r"ne (?:me|nous) (?:contact|text|derang)(?:ez|e|es) pas",
    rf"(?:arretez|cessez) (?:les|vos|ces) {_TEXTS_FR}",
    rf"stop aux {_TEXTS_FR}",
    # German
    r"(?:schreib(?:en|t|e)?|kontaktier(?:en|t|e)?|textet?|texten)(?: sie| ihr)? (?:mir|mich|uns) nicht",
    r"nicht mehr (?:an)?(?:schreiben|kontaktieren|texten)",
    r"aufhoe?ren|hoe?ren sie auf(?: damit)?",
    # Italian
    r"non (?:mi|ci) (?:scrivete|scriva|contattate|contatti|disturbate|disturbi)",
    r"non (?:scrivete|contattate|disturbate)(?:mi|ci)",
    r"smettetela",
    # Portuguese
    rf"nao (?:me|nos) (?:escrevam?|contat?c?tem?|incomodem?|(?:mandem?|enviem?) {_TEXTS_PT})",
    rf"chega de {_TEXTS_PT}",
    # Dutch
    r"(?:schrijf|sms|app|contacteer|benader)(?: u| jullie)? (?:mij|me|ons) niet",
    r"niet meer (?:sms'?en|appen|schrijven|contacteren|benaderen)",
    # Polish
    r"nie (?:pisz|piszcie|pisac|kontaktuj|kontaktujcie|kontaktowac)(?: do (?:mnie|nas)| sie ze mna)?",
)  # fmt: skip
"""What refuses where nothing else is said: "don't text me", which could go on with "before nine"."""

HINTS = (
    # Spanish and Portuguese
    "mas|dej|quiero|deseo|queremos|lista|datos|baja|paz|escrib|contacte|molest|mande|envie|"
    "mais|pare|para|deix|quero|desejo|base|cadastro|sistema|nao|chega|"
    # French
    "plus|arret|cesse|moi|liste|fichier|laisse|ecri|texte|derang|"
    # German and Dutch
    "mehr|wieder|weiteren|auf|hoe?ren|datenbank|kartei|verteiler|system|mich|ruhe|schreib|kontaktier|"
    "meer|geen|stop|lijst|bestand|database|systeem|schrijf|meld|rust|niet|"
    # Italian
    "piu|smett|finitela|basta|voglio|desidero|rubrica|mailing|disiscriv|lasci|scriv|contatt|disturb|"
    # Polish
    "wiecej|przesta|chce|zycze|listy|bazy|spok|pisz|pisac|kontakt"
)
"""No refusal in any of these languages is without a word that begins so. Single words, for polite ones and marks may
stand between two."""

_COMPILED = [
    (re.compile(rf"\b(?:{conditions})\b"), re.compile("|".join(clauses))) for conditions, clauses in _LANGUAGES
]

_MOST_CLAUSES = 20
"""A refusal is not that long a story."""

_CLAUSES = re.compile(r"[,;:()\u2013\u2014]| - ")
_MARKS = re.compile(r"[^\w\s']+")


def plain(text: str) -> str:
    """`text` in small letters without accents: é is e, ł is l, ß is ss."""
    small = text.casefold()
    if small.isascii():
        return small
    bare = unicodedata.normalize("NFKD", small.replace("ł", "l").replace("\u2019", "'"))
    return "".join(char for char in bare if not unicodedata.combining(char))


def refuses(sentence: str) -> bool:
    """Whether a clause of the sentence, in one of these languages, asks for no more texts, whatever else it says. The
    sentence is `plain`."""
    if "?" in sentence:
        return False
    bare = _POLITE.sub(" ", sentence)
    parts = dict.fromkeys([bare, *_CLAUSES.split(bare)[:_MOST_CLAUSES]])
    clauses = [" ".join(_MARKS.sub(" ", part).split()) for part in parts]
    return any(
        any(refusal.fullmatch(clause) for clause in clauses) and not conditions.search(sentence)
        for conditions, refusal in _COMPILED
    )
