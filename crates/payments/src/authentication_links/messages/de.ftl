# Der Bestätigungslink.
authentication-mail-subject = { $amount } bei Ihrer Bank bestätigen
authentication-mail =
    Guten Tag,

    { $merchant } bittet Sie, { $amount } auf Ihrer Karte { $card } zu bestätigen ({ $about }). Ihre Bank prüft, dass Sie es sind; dann wird die Karte belastet.
    Öffnen Sie diesen Link vor dem { $until }. Weder die Nummer noch der Sicherheitscode Ihrer Karte wird verlangt, außer Sie wählen eine andere Karte.

    Freundliche Grüße
    { $merchant }
authentication-mail-test = TEST: Diese Nachricht ist ein Test.
authentication-sms = { $merchant }: Bestätigen Sie { $amount } bei Ihrer Bank vor dem { $until }.
authentication-title = Bestätigen Sie { $amount } bei Ihrer Bank
authentication-lede = { $merchant } verlangt { $amount } von Ihrer Karte { $card }. Ihre Bank prüft, dass Sie es sind. Es wurde noch nichts abgebucht.
authentication-until = Dieser Link gilt bis { $until }.
authentication-agree = Wenn Sie fortfahren, stimmen Sie zu, dass { $merchant } { $amount } von Ihrer Karte { $card } abbucht.
authentication-agree-kept = Wenn Sie fortfahren, stimmen Sie zu, dass { $merchant } { $amount } von Ihrer Karte { $card } abbucht und sie für weitere Kosten derselben Buchung behält, die ohne Sie abgebucht werden können.
authentication-promise = Hier wird weder die Nummer noch der Sicherheitscode Ihrer Karte verlangt.
authentication-other = Eine andere Karte verwenden
authentication-card-gone = Diese Karte kann nicht mehr verwendet werden. Es wurde nichts abgebucht. Geben Sie eine andere Karte an, falls dies angeboten wird, oder wenden Sie sich an { $merchant }.
authentication-refused = Ihre Bank hat die Karte nicht akzeptiert. Es wurde nichts abgebucht. Geben Sie eine andere Karte an, falls dies angeboten wird, oder wenden Sie sich an Ihre Bank.
