# The authentication link.
authentication-mail-subject = { $amount } to confirm with your bank
authentication-mail =
    Hello,

    { $merchant } asks you to confirm { $amount } on your card { $card } ({ $about }). Your bank checks that it is you, then the card is charged.
    Open this link before { $until }. Neither the number nor the security code of your card is asked for, unless you choose another card.

    Kind regards,
    { $merchant }
authentication-mail-test = TEST: this message is a trial.
authentication-sms = { $merchant }: confirm { $amount } with your bank before { $until }.
authentication-title = Confirm { $amount } with your bank
authentication-lede = { $merchant } asks for { $amount } on your card { $card }. Your bank checks that it is you. Nothing has been charged yet.
authentication-until = This link is valid until { $until }.
authentication-agree = By going on you agree that { $merchant } charges { $amount } to your card { $card }.
authentication-agree-kept = By going on you agree that { $merchant } charges { $amount } to your card { $card } and keeps it for other costs of the same booking, which may be charged without you.
authentication-promise = Neither the number nor the security code of your card is asked for here.
authentication-other = Use another card
authentication-card-gone = This card cannot be used any more. Nothing was charged. Give another card if you are offered to, or contact { $merchant }.
authentication-refused = Your bank did not accept the card. Nothing was charged. Give another card if you are offered to, or contact your bank.
