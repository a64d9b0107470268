# Il link di autenticazione.
authentication-mail-subject = { $amount } da confermare con la Sua banca
authentication-mail =
    Buongiorno,

    { $merchant } Le chiede di confermare { $amount } sulla Sua carta { $card } ({ $about }). La Sua banca verifica che sia Lei, poi la carta viene addebitata.
    Apra questo link prima del { $until }. Non vengono chiesti né il numero né il codice di sicurezza della carta, a meno che ne scelga un'altra.

    Cordiali saluti,
    { $merchant }
authentication-mail-test = PROVA: questo messaggio è un test.
authentication-sms = { $merchant }: confermi { $amount } con la Sua banca prima del { $until }.
authentication-title = Confermi { $amount } con la Sua banca
authentication-lede = { $merchant } chiede { $amount } sulla Sua carta { $card }. La Sua banca verifica che sia Lei. Non è ancora stato addebitato nulla.
authentication-until = Questo link è valido fino al { $until }.
authentication-agree = Proseguendo accetta che { $merchant } addebiti { $amount } sulla Sua carta { $card }.
authentication-agree-kept = Proseguendo accetta che { $merchant } addebiti { $amount } sulla Sua carta { $card } e la conservi per altre spese della stessa prenotazione, che potranno essere addebitate senza di Lei.
authentication-promise = Qui non vengono chiesti né il numero né il codice di sicurezza della Sua carta.
authentication-other = Usare un'altra carta
authentication-card-gone = Questa carta non può più essere usata. Non è stato addebitato nulla. Indichi un'altra carta se Le viene proposto, o contatti { $merchant }.
authentication-refused = La Sua banca non ha accettato la carta. Non è stato addebitato nulla. Indichi un'altra carta se Le viene proposto, o contatti la Sua banca.
