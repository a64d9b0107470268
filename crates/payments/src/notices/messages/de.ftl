# E-Mails an Zahlende.
notices-receipt-subject = Beleg über { $amount } – { $merchant }
notices-checking-subject = Wir prüfen Ihre Zahlung
notices-accepted-subject = Zahlung angenommen: { $amount }
notices-refused-subject = Zahlung abgelehnt: { $amount }
notices-cancelled-subject = Zahlung storniert: { $amount }
notices-refund-subject = Erstattung von { $amount }

notices-hello = Guten Tag { $name },
notices-hello-unnamed = Guten Tag,
notices-amount = Betrag: { $amount }
notices-reference = Referenz: { $reference }
notices-date = Datum: { $when }
notices-refund-text = { $merchant } hat Ihnen { $amount } erstattet.

notices-receipt-follows = Der Link in dieser Nachricht öffnet Ihren Beleg; Sie können ihn 15 Monate lang lesen und drucken.
notices-checking-follows = Wir schreiben Ihnen, sobald die Bank geantwortet hat. Der Link in dieser Nachricht zeigt den Stand der Zahlung.
notices-accepted-follows = Der Link in dieser Nachricht öffnet Ihre Bestätigung.
notices-refused-follows = Um es erneut zu versuchen, öffnen Sie den Link in dieser Nachricht.
notices-contact = Fragen? Rufen Sie { $phone } an oder schreiben Sie an { $email }.
notices-contact-email = Fragen? Schreiben Sie an { $email }.
notices-test = TEST: Diese Zahlung ist ein Versuch, es ist kein Geld geflossen.
