# El enlace de autenticación.
authentication-mail-subject = { $amount } por confirmar con su banco
authentication-mail =
    Hola:

    { $merchant } le pide que confirme { $amount } en su tarjeta { $card } ({ $about }). Su banco comprueba que es usted y después se carga la tarjeta.
    Abra este enlace antes del { $until }. No se piden ni el número ni el código de seguridad de su tarjeta, salvo que elija otra.

    Un saludo,
    { $merchant }
authentication-mail-test = PRUEBA: este mensaje es un ensayo.
authentication-sms = { $merchant }: confirme { $amount } con su banco antes del { $until }.
authentication-title = Confirme { $amount } con su banco
authentication-lede = { $merchant } pide { $amount } en su tarjeta { $card }. Su banco comprueba que es usted. Todavía no se ha cobrado nada.
authentication-until = Este enlace es válido hasta el { $until }.
authentication-agree = Al continuar, acepta que { $merchant } cargue { $amount } en su tarjeta { $card }.
authentication-agree-kept = Al continuar, acepta que { $merchant } cargue { $amount } en su tarjeta { $card } y la guarde para otros gastos de la misma reserva, que podrán cargarse sin usted.
authentication-promise = Aquí no se piden ni el número ni el código de seguridad de su tarjeta.
authentication-other = Usar otra tarjeta
authentication-card-gone = Esta tarjeta ya no se puede usar. No se ha cobrado nada. Indique otra tarjeta si se le ofrece, o contacte con { $merchant }.
authentication-refused = Su banco no ha aceptado la tarjeta. No se ha cobrado nada. Indique otra tarjeta si se le ofrece, o contacte con su banco.
