# De verificatielink.
authentication-mail-subject = { $amount } bevestigen bij uw bank
authentication-mail =
    Hallo,

    { $merchant } vraagt u { $amount } op uw kaart { $card } te bevestigen ({ $about }). Uw bank controleert of u het bent; daarna wordt de kaart belast.
    Open deze link vóór { $until }. Noch het nummer noch de beveiligingscode van uw kaart wordt gevraagd, tenzij u een andere kaart kiest.

    Met vriendelijke groet,
    { $merchant }
authentication-mail-test = TEST: dit bericht is een proef.
authentication-sms = { $merchant }: bevestig { $amount } bij uw bank vóór { $until }.
authentication-title = Bevestig { $amount } bij uw bank
authentication-lede = { $merchant } vraagt { $amount } van uw kaart { $card }. Uw bank controleert of u het bent. Er is nog niets afgeschreven.
authentication-until = Deze link is geldig tot { $until }.
authentication-agree = Door verder te gaan stemt u ermee in dat { $merchant } { $amount } van uw kaart { $card } afschrijft.
authentication-agree-kept = Door verder te gaan stemt u ermee in dat { $merchant } { $amount } van uw kaart { $card } afschrijft en de kaart bewaart voor andere kosten van dezelfde boeking, die zonder u kunnen worden afgeschreven.
authentication-promise = Hier wordt noch het nummer noch de beveiligingscode van uw kaart gevraagd.
authentication-other = Een andere kaart gebruiken
authentication-card-gone = Deze kaart kan niet meer worden gebruikt. Er is niets afgeschreven. Geef een andere kaart op als dat wordt aangeboden, of neem contact op met { $merchant }.
authentication-refused = Uw bank heeft de kaart niet geaccepteerd. Er is niets afgeschreven. Geef een andere kaart op als dat wordt aangeboden, of neem contact op met uw bank.
