# Pesquisa
stay-title = Reserve a sua estadia
stay-lede = Escolha as datas: os preços e a disponibilidade aparecem de imediato.
stay-places = Os nossos alojamentos
stay-closed = Aqui ainda não é possível reservar online. Contacte-nos: os nossos dados estão no fundo desta página.
stay-all = Ver todos os nossos alojamentos
stay-search-label = Pesquisar uma estadia
stay-search = Pesquisar
stay-arrival = Chegada
stay-departure = Partida
stay-choose = Escolher
stay-busy = Um momento…
stay-results = { $n ->
    [0] De { $arrival } a { $departure }, { $guests }
    [one] { $n } alojamento livre de { $arrival } a { $departure }, { $guests }
   *[other] { $n } alojamentos livres de { $arrival } a { $departure }, { $guests }
}
stay-nothing = Não há nada livre nestas datas para este número de pessoas. Tente outras datas.
stay-nights = { $n ->
    [one] { $n } noite
   *[other] { $n } noites
}
stay-capacity = { $n ->
    [one] { $n } pessoa
   *[other] Até { $n } pessoas
}
stay-hours = Chegada a partir das { $in }, partida antes das { $out }
stay-units-left = { $n ->
    [one] O último
   *[other] Só restam { $n }
}
stay-registration = Número de registo { $number }
stay-price-note = { $n ->
    [one] por { $n } noite
   *[other] por { $n } noites
}
stay-deposit-note = Sinal no ato da reserva: { $amount }
# Porquê este preço?
stay-why = Porquê este preço?
stay-why-exact = { $n ->
    [one] Preço da noite pedida.
   *[other] Existe um preço para exatamente { $n } noites a partir desse dia.
}
stay-why-nights = Soma de { $n } preços por noite, cada um na sua data.
stay-why-nights-note = Se cada noite tem o seu preço, aplica-se a soma: os preços de várias noites não se combinam.
stay-why-nights-cheaper = Se cada noite tem o seu preço, aplica-se a soma: { $parts } noites = { $amount } não foi avaliado, porque os preços de várias noites não se combinam.
stay-why-cover = As { $n } noites são cobertas pelos preços existentes, pelo total mais baixo.
stay-why-cheapest = As { $n } noites são cobertas da forma mais económica.
stay-adjustment-long-stay = Estadia longa
stay-adjustment-non-refundable = Não reembolsável
stay-adjustment-promotion = Promoção
stay-total = Total
# Indisponível
stay-reason-not-open = A noite de { $date } não está à venda.
stay-reason-sales-closed = A noite de { $date } já não está à venda.
stay-reason-sold-out = A noite de { $date } está esgotada.
stay-reason-held-by-other = A noite de { $date } está reservada para outro comprador.
stay-reason-held-until = Este quarto está reservado até às { $time }.
stay-reason-no-price = Não existe preço para estas datas e esta duração.
stay-reason-capacity-exceeded = { $n ->
    [one] Para { $n } pessoa no máximo.
   *[other] Para { $n } pessoas no máximo.
}
stay-reason-bracket-not-priced = Não existe preço para um dos grupos etários.
# Cesto
stay-contact-title = Os seus dados
stay-contact-lede = Logo que os seus dados sejam guardados, o alojamento fica reservado para si durante uma hora.
stay-basket-title = A sua reserva
stay-first-name = Nome próprio
stay-last-name = Apelido
stay-email = Endereço de e-mail
stay-email-hint = O recibo será enviado para aqui
stay-phone = Telefone
stay-phone-hint = Por exemplo, +351 912 345 678
stay-continue = Continuar
stay-you = Hóspede
stay-edit-contact = Alterar os meus dados
stay-your-stay = A sua estadia
stay-length = Duração
stay-guests = Hóspedes
stay-deposit = Sinal a pagar agora
stay-rest = Saldo a pagar mais tarde
stay-held-until = Reservado para si até às { $time }
stay-minutes-left = Faltam {"{"}n{"}"} min
stay-hold-over = O prazo terminou. O seu cesto foi mantido: se o alojamento ainda estiver livre, pode pagar.
stay-prolong = Prolongar
stay-prolong-hint = Mais uma hora, uma única vez.
stay-prolonged-already = Já prolongou uma vez.
stay-others-wait = Outra pessoa espera por este alojamento: não pode ficar reservado por mais tempo.
stay-prolong-limit = As quatro horas no total esgotaram-se.
stay-lifetime = Um cesto não pode reservar um alojamento mais de quatro horas. Faça uma nova pesquisa.
stay-gone = Outra pessoa acaba de reservar este quarto. Nada foi debitado.
stay-gone-held = Este quarto está reservado para outro comprador até às { $time }. Nada foi debitado.
stay-price-changed = O preço mudou desde a sua pesquisa: de { $old } para { $new }. Nada foi debitado. Se aceitar, pode continuar.
stay-below-minimum = O pagamento com cartão é possível a partir de { $minimum }.
stay-other-search = Fazer outra pesquisa
stay-proceed = Avançar para o pagamento
stay-deposit-short = Sinal
stay-pay-all = Pagar a totalidade: { $amount }
stay-confirm = Confirmar
stay-legal-free = Ao confirmar, conclui a sua reserva. O alojamento em datas fixas não dá direito de livre resolução.
stay-legal = Ao pagar, conclui a sua reserva. O alojamento em datas fixas não dá direito de livre resolução.
# Reserva sem pagamento
stay-booked-title = A sua reserva é definitiva
stay-booked-text = Obrigado, { $name }, esperamos por si.
stay-number = Número da reserva
stay-calendar = Adicionar ao meu calendário
stay-print = Imprimir
# Erros
stay-fault-arrival-missing = Introduza a data de chegada
stay-fault-departure-missing = Introduza a data de partida
stay-fault-invalid-dates = A partida tem de ser posterior à chegada
stay-fault-past-date = A data de chegada já passou
stay-fault-stay-too-long = Uma estadia tem no máximo 366 noites
stay-fault-guests = Introduza um número de 0 a 20
stay-fault-nobody = Indique entre 1 e 99 pessoas
stay-fault-first-name-missing = Introduza o seu nome próprio
stay-fault-last-name-missing = Introduza o seu apelido
stay-fault-email-format = Introduza um endereço de e-mail, por exemplo nome@exemplo.pt
stay-fault-phone-format = Introduza um número de telefone, por exemplo +351 912 345 678
stay-fault-card-number = Não introduza um número de cartão neste campo
stay-fault-too-long = Este texto é demasiado longo
stay-fault-invalid-field = Escreva numa só linha
