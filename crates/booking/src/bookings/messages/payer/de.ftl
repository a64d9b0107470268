booking-mail-test = TEST: Diese Buchung ist ein Versuch, es ist kein Geld geflossen.
booking-mail-subject = Ihre Buchung { $number } ist bestätigt
booking-mail-deposit =
    Guten Tag { $name },

    Ihre Buchung { $number } bei { $merchant } ist verbindlich.
    Anreise: { $arrival }
    Abreise: { $departure }
    Gesamtpreis des Aufenthalts: { $total }
    Gezahlte Anzahlung: { $paid }
    Restbetrag: { $rest }

    Bis bald
    { $merchant }
booking-mail-paid =
    Guten Tag { $name },

    Ihre Buchung { $number } bei { $merchant } ist verbindlich und vollständig bezahlt.
    Anreise: { $arrival }
    Abreise: { $departure }
    Gesamtpreis des Aufenthalts: { $total }

    Bis bald
    { $merchant }
booking-mail-free =
    Guten Tag { $name },

    Ihre Buchung { $number } bei { $merchant } ist verbindlich. Es ist nichts zu zahlen.
    Anreise: { $arrival }
    Abreise: { $departure }

    Bis bald
    { $merchant }
booking-starts = Anreise
booking-ends = Abreise
booking-subject-title = Aufenthalt vom { $arrival } bis { $departure }
booking-subject-hours = { $date }, ab { $time } Uhr
booking-subject-before = { $date }, bis { $time } Uhr
booking-subject-lodging = Unterkunft
booking-subject-guests = Gäste
booking-subject-total = Gesamtpreis des Aufenthalts
booking-subject-rest = Später zu zahlender Restbetrag
booking-subject-next-rest = Der Restbetrag von { $amount } wird von { $merchant } später eingezogen, mit der für diesen Aufenthalt hinterlegten Karte oder vor Ort.
booking-subject-next-arrival = Wir freuen uns auf Sie am { $arrival }.
booking-card-mail-subject = Eine Karte für Ihren Aufenthalt { $number }
booking-card-mail =
    Guten Tag { $name },

    { $merchant } bittet Sie um eine Karte, um Ihren Aufenthalt { $number } vom { $arrival } bis { $departure } zu garantieren.
    Über diesen Link geben Sie sie auf einer sicheren Seite an. Jetzt wird nichts abgebucht. Der Link gilt { $days } Tage.
    Geben Sie Ihre Kartendaten nie per E-Mail, SMS oder Telefon an.

    Bis bald,
    { $merchant }
booking-card-mail-test = TEST: Diese Nachricht ist ein Test.
booking-card-sms = { $merchant }: Um Ihren Aufenthalt { $number } ab { $arrival } zu garantieren, geben Sie Ihre Karte über diesen Link an ({ $days } Tage). Jetzt wird nichts abgebucht.
booking-card-guest-title = Eine Karte für Ihren Aufenthalt
booking-card-guest-number = Buchung
booking-card-guest-why = { $merchant } bittet Sie um eine Karte, um diesen Aufenthalt zu garantieren.
booking-card-guest-promise = Sie geben sie auf der sicheren Seite des Tresors an. Jetzt wird nichts abgebucht, der Sicherheitscode wird nicht verlangt, und die Karte wird nach Ihrer Abreise gelöscht.
booking-card-guest-button = Meine Karte angeben
booking-card-guest-given = Ihre Karte ist gespeichert
booking-card-guest-kept = Danke. { $merchant } behält für diesen Aufenthalt die Karte •••• { $last4 }.
booking-card-guest-over = Dieser Link gilt nicht mehr
booking-card-guest-over-cure = Schreiben Sie { $merchant } oder rufen Sie an, um einen neuen zu erhalten.
