"""Refusals in other languages: what is plain enough to be obeyed at once, and what comes near and is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.contactability.model import Word, keyword, refuses


@pytest.mark.parametrize(
    "text",
    [
        "ALTO", "¡Baja!", "PARAR", "Pare.", "ARRET", "Arrêt", "ARRÊTEZ", "Désabonner", "Désinscription", "STOPP",
        "Stopp!!", "Abmelden", "ABBESTELLEN", "basta", "Disiscrivi", "SAIR", "Descadastrar", "AFMELDEN", "Stoppen",
        "uitschrijven", "WYPISZ", "Wypisz mnie", "Rezygnuję", "koniec", "Darme de baja",
    ],
)  # fmt: skip
def test_keywords_of_other_languages(text):
    assert keyword(text) is Word.STOP


@pytest.mark.parametrize(
    "text",
    [
        "alto, eso es mucho", "más alto", "la baja temporada", "parar el coche", "en arrêt maladie", "l'arrêt de bus",
        "stoppen met roken", "wir müssen uns erst abmelden", "basta così poco", "sair de casa", "koniec miesiąca",
        "para",
        "cancelar", "annuler", "fin", "cancella", "salida", "arretons", "stop motion", "bajar",
    ],
)  # fmt: skip
def test_what_is_no_keyword_there(text):
    assert keyword(text) is None


REFUSALS = {
    "es": [
        "No me escriban más", "por favor no me manden más mensajes", "Dejen de escribirme.",
        "deja de mandarme mensajes!",
        "Ya no quiero recibir mensajes", "Quítenme de su lista", "Bórrenme de la base de datos por favor",
        "Quiero darme de baja", "Déjenme en paz", "Les pido que dejen de contactarme", "No quiero más sms, gracias",
        "Hola, no me escriba más",
    ],
    "fr": [
        "Ne m'écrivez plus", "Ne m’envoyez plus de messages s'il vous plaît", "Arrêtez de m'écrire !",
        "arrête de m'envoyer des sms", "Je ne veux plus recevoir de messages", "Je ne souhaite plus être contacté",
        "Désabonnez-moi", "Retirez-moi de votre liste", "Supprimez mon numéro de vos fichiers",
        "Laissez-moi tranquille", "Plus de SMS svp", "Bonjour, ne me contactez plus jamais",
    ],
    "de": [
        "Schreiben Sie mir nicht mehr", "Bitte kontaktieren Sie mich nicht mehr.", "Schreib mir nie wieder!",
        "Hören Sie auf mir zu schreiben", "Hören Sie auf, mir zu schreiben", "Hoeren Sie auf mich zu belaestigen",
        "Schicken Sie mir keine Nachrichten mehr", "Ich möchte keine weiteren Nachrichten", "Keine SMS mehr bitte",
        "Ich will nicht mehr kontaktiert werden", "Löschen Sie meine Nummer aus Ihrer Datenbank",
        "Nehmen Sie mich von der Liste", "Melden Sie mich ab", "Lassen Sie mich in Ruhe!",
    ],
    "it": [
        "Non mi scrivete più", "Per favore non contattatemi più", "Smettetela di scrivermi",
        "Smetti di mandarmi messaggi",
        "basta messaggi", "Non voglio più ricevere messaggi", "Non voglio essere più contattata",
        "Cancellatemi dalla vostra lista", "Disiscrivetemi", "Lasciatemi in pace", "Non mi mandi più sms, grazie",
    ],
    "pt": [
        "Não me mandem mais mensagens", "nao me escrevam mais", "Não me envie mensagens nunca mais",
        "Parem de me mandar mensagens", "Pare de me incomodar!", "Não quero mais receber mensagens",
        "Por favor, me tire da lista", "Removam meu número da sua lista", "Não quero mais ser contatado",
        "Me deixem em paz",
    ],
    "nl": [
        "Stuur mij geen berichten meer", "Sms me niet meer", "Stop met mij te sms'en", "stop met berichten sturen",
        "Ik wil geen berichten meer ontvangen", "Geen sms meer alstublieft", "Haal mij van jullie lijst",
        "Verwijder mijn nummer uit uw bestand", "Schrijf mij uit", "Laat me met rust",
    ],
    "pl": [
        "Nie piszcie do mnie więcej", "Proszę nie pisać więcej", "Nie wysyłajcie mi więcej wiadomości",
        "Proszę już do mnie nie pisać", "Przestańcie do mnie pisać", "Nie chcę więcej wiadomości",
        "Proszę usunąć mój numer z bazy danych", "Wypiszcie mnie z listy", "Dajcie mi spokój",
        "Nie życzę sobie otrzymywać wiadomości od Państwa",
    ],
}  # fmt: skip

NEAR_MISSES = {
    "es": [
        "No deje de escribirme", "no me escriba más tarde de las 8", "No me manden más mensajes hasta junio",
        "¿No me escriben más?", "no me interesa", "no gracias", "Mi marido dice que dejen de escribirle a él",
        "No quiero mensajes largos", "quiero dar de baja el gas", "si no contesto, no me escriban más",
        "No he dicho que dejen de escribirme", "dejen de trabajar tanto",
        "no me escriban más por aquí, sino al correo",
    ],
    "fr": [
        "N'arrêtez pas de m'écrire", "Ne m'écrivez plus après 20h", "Ne m'envoyez plus que des photos",
        "Vous ne m'écrivez plus", "ça ne m'intéresse pas", "non merci", "Pourquoi ne m'écrivez-vous plus ?",
        "Arrêtez de m'écrire au travail", "plus de messages demain", "Je n'ai plus de messages",
        "Je ne veux plus de chauffage", "Arrêtez de m'écrire en anglais",
    ],
    "de": [
        "Hören Sie nicht auf, mir zu schreiben", "Schreiben Sie mir nicht mehr so spät", "kein Interesse",
        "Schreiben Sie mir heute nicht mehr", "Warum schreiben Sie mir nicht mehr?", "nein danke",
        "Bitte keine Nachrichten mehr bis Montag", "Ich bekomme keine Nachrichten mehr", "keine Nachrichten",
        "Lassen Sie mich in Ruhe überlegen", "Löschen Sie die Datei aus der Datenbank", "Ich melde mich ab und zu",
        "Wenn es um Strom geht, schreiben Sie mir nicht mehr",
    ],
    "it": [
        "Non smettete di scrivermi", "Non mi scrivete più dopo le 20", "Perché non mi scrivete più?",
        "non mi interessa",
        "no grazie", "Non mi scrivi più", "basta un messaggio", "Non voglio messaggi lunghi",
        "Smettetela di scrivermi al lavoro", "lasciatemi stare il tetto",
    ],
    "pt": [
        "Não pare de me mandar mensagens", "Não me mande mais mensagens hoje", "não tenho interesse", "não obrigado",
        "Por que não me mandam mais mensagens?", "Não me mande mais mensagens até sexta", "para mim pode ser amanhã",
        "Não quero mensagens longas", "parem de cobrar tanto", "me tire uma dúvida",
    ],
    "nl": [
        "Stop niet met berichten sturen", "Stuur mij vandaag geen berichten meer", "geen interesse", "nee dank je",
        "Ik krijg geen berichten meer", "Stuur mij geen berichten meer tot maandag", "Waarom sms je me niet meer?",
        "Schrijf mij een mail", "Stop met bellen", "laat me weten",
    ],
    "pl": [
        "Nie przestawajcie do mnie pisać", "Nie piszcie do mnie więcej w nocy", "Nie jestem zainteresowany",
        "nie, dziękuję", "Dlaczego już do mnie nie piszecie?", "Proszę nie pisać do jutra",
        "Nie dostaję więcej wiadomości", "proszę nie pisać teraz", "dajcie mi znać", "Nie chcę długich wiadomości",
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", [text for texts in REFUSALS.values() for text in texts])
def test_plain_refusals_of_other_languages_are_obeyed(text):
    assert refuses(text)
    assert refuses(text.upper())


@pytest.mark.parametrize("text", [text for texts in NEAR_MISSES.values() for text in texts])
def test_what_comes_near_is_left_to_whoever_answers(text):
    assert not refuses(text)
    assert keyword(text) is None


@given(st.text(max_size=200))
def test_any_text_is_read_without_fail(text):
    refuses(text)
    keyword(text)
