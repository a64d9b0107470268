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
