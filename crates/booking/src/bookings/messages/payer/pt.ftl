booking-mail-test = TESTE: esta reserva é um ensaio, nenhum dinheiro foi movimentado.
booking-mail-subject = A sua reserva { $number } está confirmada
booking-mail-deposit =
    Bom dia, { $name },

    A sua reserva { $number } em { $merchant } é definitiva.
    Chegada: { $arrival }
    Partida: { $departure }
    Total da estadia: { $total }
    Sinal pago: { $paid }
    Falta pagar: { $rest }

    Até breve,
    { $merchant }
booking-mail-paid =
    Bom dia, { $name },

    A sua reserva { $number } em { $merchant } é definitiva e está totalmente paga.
    Chegada: { $arrival }
    Partida: { $departure }
    Total da estadia: { $total }

    Até breve,
    { $merchant }
booking-mail-free =
    Bom dia, { $name },

    A sua reserva { $number } em { $merchant } é definitiva. Não há nada a pagar.
    Chegada: { $arrival }
    Partida: { $departure }

    Até breve,
    { $merchant }
booking-starts = Chegada
booking-ends = Partida
booking-subject-title = Estadia de { $arrival } a { $departure }
booking-subject-hours = { $date }, a partir das { $time }
booking-subject-before = { $date }, antes das { $time }
booking-subject-lodging = Alojamento
booking-subject-guests = Hóspedes
booking-subject-total = Total da estadia
booking-subject-rest = Saldo a pagar mais tarde
booking-subject-next-rest = O saldo de { $amount } será cobrado mais tarde por { $merchant }, no cartão indicado para esta estadia ou no local.
booking-subject-next-arrival = Esperamos por si em { $arrival }.
