# Suche
stay-title = Buchen Sie Ihren Aufenthalt
stay-lede = Wählen Sie Ihre Daten: Preise und Verfügbarkeit erscheinen sofort.
stay-places = Unsere Unterkünfte
stay-closed = Hier kann noch nichts online gebucht werden. Bitte nehmen Sie Kontakt mit uns auf: Unsere Angaben stehen am Ende dieser Seite.
stay-all = Alle unsere Unterkünfte
stay-search-label = Aufenthalt suchen
stay-search = Suchen
stay-arrival = Anreise
stay-departure = Abreise
stay-choose = Wählen
stay-busy = Bitte warten…
stay-results = { $n ->
    [0] Vom { $arrival } bis { $departure }, { $guests }
    [one] { $n } Unterkunft frei vom { $arrival } bis { $departure }, { $guests }
   *[other] { $n } Unterkünfte frei vom { $arrival } bis { $departure }, { $guests }
}
stay-nothing = An diesen Tagen ist für diese Personenzahl nichts frei. Versuchen Sie andere Daten.
stay-nights = { $n ->
    [one] { $n } Nacht
   *[other] { $n } Nächte
}
stay-capacity = { $n ->
    [one] { $n } Person
   *[other] Bis zu { $n } Personen
}
stay-hours = Anreise ab { $in }, Abreise bis { $out }
stay-units-left = { $n ->
    [one] Die letzte
   *[other] Nur noch { $n }
}
stay-registration = Registrierungsnummer { $number }
stay-price-note = { $n ->
    [one] für { $n } Nacht
   *[other] für { $n } Nächte
}
stay-deposit-note = Anzahlung bei der Buchung: { $amount }
# Warum dieser Preis?
stay-why = Warum dieser Preis?
stay-why-exact = { $n ->
    [one] Preis der gewünschten Nacht.
   *[other] Ab diesem Tag gibt es einen Preis für genau { $n } Nächte.
}
stay-why-nights = Summe von { $n } Nachtpreisen, jeder zu seinem Datum.
stay-why-nights-note = Hat jede Nacht ihren Preis, gilt deren Summe: Preise für mehrere Nächte werden nicht kombiniert.
stay-why-nights-cheaper = Hat jede Nacht ihren Preis, gilt deren Summe: { $parts } Nächte = { $amount } wurde nicht geprüft, denn Preise für mehrere Nächte werden nicht kombiniert.
stay-why-cover = Die { $n } Nächte sind mit den vorhandenen Preisen abgedeckt, zum niedrigsten Gesamtpreis.
stay-why-cheapest = Die { $n } Nächte sind auf die günstigste Weise abgedeckt.
stay-adjustment-long-stay = Langer Aufenthalt
stay-adjustment-non-refundable = Nicht erstattbar
stay-adjustment-promotion = Aktion
stay-total = Gesamt
# Nicht verfügbar
stay-reason-not-open = Die Nacht vom { $date } ist nicht zum Verkauf freigegeben.
stay-reason-sales-closed = Die Nacht vom { $date } wird nicht mehr verkauft.
stay-reason-sold-out = Die Nacht vom { $date } ist ausgebucht.
stay-reason-held-by-other = Die Nacht vom { $date } ist für jemand anderen reserviert.
stay-reason-held-until = Dieses Zimmer ist bis { $time } Uhr reserviert.
stay-reason-no-price = Für diese Daten und diese Dauer gibt es keinen Preis.
stay-reason-capacity-exceeded = { $n ->
    [one] Für höchstens { $n } Person.
   *[other] Für höchstens { $n } Personen.
}
stay-reason-bracket-not-priced = Für eine der Altersgruppen gibt es keinen Preis.
# Warenkorb
stay-contact-title = Ihre Angaben
stay-contact-lede = Sobald Ihre Angaben gespeichert sind, wird die Unterkunft eine Stunde für Sie reserviert.
stay-basket-title = Ihre Buchung
stay-first-name = Vorname
stay-last-name = Nachname
stay-email = E-Mail-Adresse
stay-email-hint = Dorthin wird der Beleg gesendet
stay-phone = Telefon
stay-phone-hint = Zum Beispiel +49 30 1234567
stay-continue = Weiter
stay-you = Sie
stay-edit-contact = Angaben ändern
stay-your-stay = Ihr Aufenthalt
stay-length = Dauer
stay-guests = Gäste
stay-deposit = Jetzt zu zahlende Anzahlung
stay-rest = Später zu zahlender Restbetrag
stay-held-until = Für Sie reserviert bis { $time } Uhr
stay-minutes-left = Noch {"{"}n{"}"} Min.
stay-hold-over = Die Zeit ist abgelaufen. Ihr Warenkorb bleibt erhalten: Ist die Unterkunft noch frei, können Sie zahlen.
stay-prolong = Verlängern
stay-prolong-hint = Eine Stunde mehr, einmal.
stay-prolonged-already = Sie haben bereits einmal verlängert.
stay-others-wait = Jemand anderes wartet auf diese Unterkunft: Sie kann nicht länger reserviert werden.
stay-prolong-limit = Die insgesamt vier Stunden sind aufgebraucht.
stay-lifetime = Ein Warenkorb kann eine Unterkunft höchstens vier Stunden reservieren. Beginnen Sie eine neue Suche.
stay-gone = Jemand anderes hat dieses Zimmer soeben gebucht. Es wurde nichts abgebucht.
stay-gone-held = Dieses Zimmer ist bis { $time } Uhr für jemand anderen reserviert. Es wurde nichts abgebucht.
stay-price-changed = Der Preis hat sich seit Ihrer Suche geändert: aus { $old } wurden { $new }. Es wurde nichts abgebucht. Wenn Sie einverstanden sind, können Sie fortfahren.
stay-below-minimum = Kartenzahlung ist ab { $minimum } möglich.
stay-other-search = Neue Suche
stay-proceed = Weiter zur Zahlung
stay-deposit-short = Anzahlung
stay-pay-all = Gesamten Betrag zahlen: { $amount }
stay-confirm = Zahlungspflichtig buchen
stay-legal-free = Mit der Bestätigung schließen Sie Ihre Buchung ab. Für Unterkünfte zu festen Terminen besteht kein Widerrufsrecht.
stay-legal = Mit der Zahlung schließen Sie Ihre Buchung ab. Für Unterkünfte zu festen Terminen besteht kein Widerrufsrecht.
# Ohne Zahlung gebucht
stay-booked-title = Ihre Buchung ist verbindlich
stay-booked-text = Vielen Dank, { $name }, wir freuen uns auf Sie.
stay-number = Buchungsnummer
stay-calendar = In meinen Kalender
stay-print = Drucken
# Eingabefehler
stay-fault-arrival-missing = Geben Sie das Anreisedatum ein
stay-fault-departure-missing = Geben Sie das Abreisedatum ein
stay-fault-invalid-dates = Die Abreise muss nach der Anreise liegen
stay-fault-past-date = Das Anreisedatum liegt in der Vergangenheit
stay-fault-stay-too-long = Ein Aufenthalt hat höchstens 366 Nächte
stay-fault-guests = Geben Sie eine Zahl von 0 bis 20 ein
stay-fault-nobody = Geben Sie 1 bis 99 Personen an
stay-fault-first-name-missing = Geben Sie Ihren Vornamen ein
stay-fault-last-name-missing = Geben Sie Ihren Nachnamen ein
stay-fault-email-format = Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@beispiel.de
stay-fault-phone-format = Geben Sie eine Telefonnummer ein, zum Beispiel +49 30 1234567
stay-fault-card-number = Geben Sie in diesem Feld keine Kartennummer ein
stay-fault-too-long = Dieser Text ist zu lang
stay-fault-invalid-field = Bitte in einer Zeile schreiben
