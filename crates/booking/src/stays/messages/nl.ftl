# Zoeken
stay-title = Boek uw verblijf
stay-lede = Kies uw data: prijzen en beschikbaarheid verschijnen meteen.
stay-places = Onze accommodaties
stay-closed = Hier kan nog niets online worden geboekt. Neem contact met ons op: onze gegevens staan onderaan deze pagina.
stay-all = Al onze accommodaties bekijken
stay-search-label = Verblijf zoeken
stay-search = Zoeken
stay-arrival = Aankomst
stay-departure = Vertrek
stay-choose = Kiezen
stay-busy = Even geduld…
stay-results = { $n ->
    [0] Van { $arrival } tot { $departure }, { $guests }
    [one] { $n } accommodatie vrij van { $arrival } tot { $departure }, { $guests }
   *[other] { $n } accommodaties vrij van { $arrival } tot { $departure }, { $guests }
}
stay-nothing = Op deze data is niets vrij voor dit aantal personen. Probeer andere data.
stay-nights = { $n ->
    [one] { $n } nacht
   *[other] { $n } nachten
}
stay-capacity = { $n ->
    [one] { $n } persoon
   *[other] Tot { $n } personen
}
stay-hours = Aankomst vanaf { $in }, vertrek vóór { $out }
stay-units-left = { $n ->
    [one] De laatste
   *[other] Nog maar { $n }
}
stay-registration = Registratienummer { $number }
stay-price-note = { $n ->
    [one] voor { $n } nacht
   *[other] voor { $n } nachten
}
stay-deposit-note = Aanbetaling bij het boeken: { $amount }
# Waarom deze prijs?
stay-why = Waarom deze prijs?
stay-why-exact = { $n ->
    [one] De prijs van de gevraagde nacht.
   *[other] Er is een prijs voor precies { $n } nachten vanaf die dag.
}
stay-why-nights = Som van { $n } nachtprijzen, elk op de eigen datum.
stay-why-nights-note = Als elke nacht een prijs heeft, geldt de som: prijzen voor meer nachten worden niet gecombineerd.
stay-why-nights-cheaper = Als elke nacht een prijs heeft, geldt de som: { $parts } nachten = { $amount } is niet bekeken, want prijzen voor meer nachten worden niet gecombineerd.
stay-why-cover = De { $n } nachten zijn gedekt met de beschikbare prijzen, voor het laagste totaal.
stay-why-cheapest = De { $n } nachten zijn op de goedkoopste manier gedekt.
stay-adjustment-long-stay = Lang verblijf
stay-adjustment-non-refundable = Niet terugbetaalbaar
stay-adjustment-promotion = Actie
stay-total = Totaal
# Niet beschikbaar
stay-reason-not-open = De nacht van { $date } is niet te koop.
stay-reason-sales-closed = De nacht van { $date } is niet meer te koop.
stay-reason-sold-out = De nacht van { $date } is volgeboekt.
stay-reason-held-by-other = De nacht van { $date } wordt voor een andere koper vastgehouden.
stay-reason-held-until = Deze kamer wordt vastgehouden tot { $time } uur.
stay-reason-no-price = Er is geen prijs voor deze data en deze duur.
stay-reason-capacity-exceeded = { $n ->
    [one] Voor hoogstens { $n } persoon.
   *[other] Voor hoogstens { $n } personen.
}
stay-reason-bracket-not-priced = Er is geen prijs voor een van de leeftijdsgroepen.
# Winkelmand
stay-contact-title = Uw gegevens
stay-contact-lede = Zodra uw gegevens zijn opgeslagen, wordt de accommodatie een uur voor u vastgehouden.
stay-basket-title = Uw boeking
stay-first-name = Voornaam
stay-last-name = Achternaam
stay-email = E-mailadres
stay-email-hint = Hierheen sturen we de bon
stay-phone = Telefoon
stay-phone-hint = Bijvoorbeeld +31 6 12345678
stay-continue = Doorgaan
stay-you = U
stay-edit-contact = Mijn gegevens wijzigen
stay-your-stay = Uw verblijf
stay-length = Duur
stay-guests = Gasten
stay-deposit = Nu te betalen aanbetaling
stay-rest = Later te betalen restbedrag
stay-held-until = Voor u vastgehouden tot { $time } uur
stay-minutes-left = Nog {"{"}n{"}"} min
stay-hold-over = De tijd is om. Uw winkelmand blijft bewaard: als de accommodatie nog vrij is, kunt u betalen.
stay-prolong = Verlengen
stay-prolong-hint = Eén uur extra, één keer.
stay-prolonged-already = U hebt al een keer verlengd.
stay-others-wait = Iemand anders wacht op deze accommodatie: ze kan niet langer worden vastgehouden.
stay-prolong-limit = De vier uur in totaal zijn op.
stay-lifetime = Een winkelmand kan een accommodatie hoogstens vier uur vasthouden. Begin een nieuwe zoekopdracht.
stay-gone = Iemand anders heeft deze kamer zojuist geboekt. Er is niets afgeschreven.
stay-gone-held = Deze kamer wordt tot { $time } uur voor een andere koper vastgehouden. Er is niets afgeschreven.
stay-price-changed = De prijs is veranderd sinds u zocht: van { $old } naar { $new }. Er is niets afgeschreven. Als u akkoord gaat, kunt u doorgaan.
stay-below-minimum = Betalen met kaart kan vanaf { $minimum }.
stay-other-search = Opnieuw zoeken
stay-proceed = Naar de betaling
stay-deposit-short = Aanbetaling
stay-pay-all = Het volledige bedrag betalen: { $amount }
stay-confirm = Bevestigen
stay-legal-free = Door te bevestigen sluit u uw boeking af. Voor accommodatie op vaste data geldt geen herroepingsrecht.
stay-legal = Door te betalen sluit u uw boeking af. Voor accommodatie op vaste data geldt geen herroepingsrecht.
# Geboekt zonder betaling
stay-booked-title = Uw boeking is definitief
stay-booked-text = Dank u, { $name }, we verwachten u.
stay-number = Boekingsnummer
stay-calendar = Aan mijn agenda toevoegen
stay-print = Afdrukken
# Fouten
stay-fault-arrival-missing = Vul de aankomstdatum in
stay-fault-departure-missing = Vul de vertrekdatum in
stay-fault-invalid-dates = Het vertrek moet na de aankomst liggen
stay-fault-past-date = De aankomstdatum ligt in het verleden
stay-fault-stay-too-long = Een verblijf telt hoogstens 366 nachten
stay-fault-guests = Vul een getal van 0 tot 20 in
stay-fault-nobody = Vul 1 tot 99 personen in
stay-fault-first-name-missing = Vul uw voornaam in
stay-fault-last-name-missing = Vul uw achternaam in
stay-fault-email-format = Vul een e-mailadres in, bijvoorbeeld naam@voorbeeld.nl
stay-fault-phone-format = Vul een telefoonnummer in, bijvoorbeeld +31 6 12345678
stay-fault-card-number = Vul in dit veld geen kaartnummer in
stay-fault-too-long = Deze tekst is te lang
stay-fault-invalid-field = Schrijf dit op één regel
