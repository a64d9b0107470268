booking-mail-test = PRUEBA: esta reserva es un ensayo, no se ha movido dinero.
booking-mail-subject = Su reserva { $number } está confirmada
booking-mail-deposit =
    Buenos días, { $name }:

    Su reserva { $number } en { $merchant } es firme.
    Llegada: { $arrival }
    Salida: { $departure }
    Total de la estancia: { $total }
    Anticipo pagado: { $paid }
    Queda por pagar: { $rest }

    Hasta pronto,
    { $merchant }
booking-mail-paid =
    Buenos días, { $name }:

    Su reserva { $number } en { $merchant } es firme y está totalmente pagada.
    Llegada: { $arrival }
    Salida: { $departure }
    Total de la estancia: { $total }

    Hasta pronto,
    { $merchant }
booking-mail-free =
    Buenos días, { $name }:

    Su reserva { $number } en { $merchant } es firme. No hay nada que pagar.
    Llegada: { $arrival }
    Salida: { $departure }

    Hasta pronto,
    { $merchant }
booking-starts = Llegada
booking-ends = Salida
booking-subject-title = Estancia del { $arrival } al { $departure }
booking-subject-hours = { $date }, desde las { $time }
booking-subject-before = { $date }, antes de las { $time }
booking-subject-lodging = Alojamiento
booking-subject-guests = Huéspedes
booking-subject-total = Total de la estancia
booking-subject-rest = Saldo que se pagará más tarde
booking-subject-next-rest = { $merchant } cobrará más tarde el saldo de { $amount }, con la tarjeta facilitada para esta estancia o en el establecimiento.
booking-subject-next-arrival = Le esperamos el { $arrival }.
booking-card-mail-subject = Una tarjeta para su estancia { $number }
booking-card-mail =
    Hola { $name }:

    { $merchant } le pide una tarjeta para garantizar su estancia { $number } del { $arrival } al { $departure }.
    Siga este enlace para indicarla en una página segura. Ahora no se carga nada. El enlace es válido { $days } días.
    No dé nunca su tarjeta por correo, SMS o teléfono.

    Hasta pronto,
    { $merchant }
booking-card-mail-test = PRUEBA: este mensaje es un ensayo.
booking-card-sms = { $merchant }: para garantizar su estancia { $number } del { $arrival }, indique su tarjeta con este enlace ({ $days } días). Ahora no se carga nada.
booking-card-guest-title = Una tarjeta para su estancia
booking-card-guest-number = Reserva
booking-card-guest-why = { $merchant } le pide una tarjeta para garantizar esta estancia.
booking-card-guest-promise = La indica en la página segura de la caja fuerte. Ahora no se carga nada, no se pide el código de seguridad y la tarjeta se borra después de su salida.
booking-card-guest-button = Indicar mi tarjeta
booking-card-guest-given = Su tarjeta está guardada
booking-card-guest-kept = Gracias. { $merchant } guarda para esta estancia la tarjeta •••• { $last4 }.
booking-card-guest-over = Este enlace ya no es válido
booking-card-guest-over-cure = Escriba o llame a { $merchant } para recibir otro.
