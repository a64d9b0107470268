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
