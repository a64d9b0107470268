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
booking-card-mail-subject = Um cartão para a sua estadia { $number }
booking-card-mail =
    Olá { $name },

    { $merchant } pede-lhe um cartão para garantir a sua estadia { $number } de { $arrival } a { $departure }.
    Siga esta ligação para o indicar numa página segura. Agora nada é debitado. A ligação é válida { $days } dias.
    Nunca dê o seu cartão por e-mail, SMS ou telefone.

    Até breve,
    { $merchant }
booking-card-mail-test = TESTE: esta mensagem é um ensaio.
booking-card-sms = { $merchant }: para garantir a sua estadia { $number } de { $arrival }, indique o seu cartão por esta ligação ({ $days } dias). Agora nada é debitado.
booking-card-guest-title = Um cartão para a sua estadia
booking-card-guest-number = Reserva
booking-card-guest-why = { $merchant } pede-lhe um cartão para garantir esta estadia.
booking-card-guest-promise = Indica-o na página segura do cofre. Agora nada é debitado, o código de segurança não é pedido e o cartão é apagado após a sua partida.
booking-card-guest-button = Indicar o meu cartão
booking-card-guest-given = O seu cartão está guardado
booking-card-guest-kept = Obrigado. { $merchant } guarda para esta estadia o cartão •••• { $last4 }.
booking-card-guest-over = Esta ligação já não é válida
booking-card-guest-over-cure = Escreva ou telefone a { $merchant } para receber outra.
