# E-mails aan wie betaalt.
notices-receipt-subject = Bon van { $amount } – { $merchant }
notices-checking-subject = We controleren uw betaling
notices-accepted-subject = Betaling aanvaard: { $amount }
notices-refused-subject = Betaling geweigerd: { $amount }
notices-cancelled-subject = Betaling geannuleerd: { $amount }
notices-refund-subject = Terugbetaling van { $amount }

notices-hello = Geachte { $name },
notices-hello-unnamed = Geachte klant,
notices-amount = Bedrag: { $amount }
notices-reference = Kenmerk: { $reference }
notices-date = Datum: { $when }
notices-refund-text = { $merchant } heeft u { $amount } terugbetaald.

notices-receipt-follows = De link in dit bericht opent uw bon; u kunt hem 15 maanden lang lezen en afdrukken.
notices-checking-follows = We schrijven u zodra de bank heeft geantwoord. De link in dit bericht toont de stand van de betaling.
notices-accepted-follows = De link in dit bericht opent uw bevestiging.
notices-refused-follows = Open de link in dit bericht om het opnieuw te proberen.
notices-contact = Een vraag? Bel { $phone } of schrijf naar { $email }.
notices-contact-email = Een vraag? Schrijf naar { $email }.
notices-test = TEST: deze betaling is een proef, er is geen geld verplaatst.
