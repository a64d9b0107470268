# A ligação de autenticação.
authentication-mail-subject = { $amount } a confirmar com o seu banco
authentication-mail =
    Olá,

    { $merchant } pede-lhe que confirme { $amount } no seu cartão { $card } ({ $about }). O seu banco verifica que é mesmo você e depois o cartão é debitado.
    Abra esta ligação antes de { $until }. Não são pedidos o número nem o código de segurança do cartão, a menos que escolha outro.

    Com os melhores cumprimentos,
    { $merchant }
authentication-mail-test = TESTE: esta mensagem é um ensaio.
authentication-sms = { $merchant }: confirme { $amount } com o seu banco antes de { $until }.
authentication-title = Confirme { $amount } com o seu banco
authentication-lede = { $merchant } pede { $amount } no seu cartão { $card }. O seu banco verifica que é mesmo você. Ainda nada foi debitado.
authentication-until = Esta ligação é válida até { $until }.
authentication-agree = Ao continuar, aceita que { $merchant } debite { $amount } no seu cartão { $card }.
authentication-agree-kept = Ao continuar, aceita que { $merchant } debite { $amount } no seu cartão { $card } e o guarde para outras despesas da mesma reserva, que podem ser debitadas sem si.
authentication-promise = O número e o código de segurança do seu cartão não são pedidos aqui.
authentication-other = Usar outro cartão
authentication-card-gone = Este cartão já não pode ser usado. Nada foi debitado. Indique outro cartão, se lhe for proposto, ou contacte { $merchant }.
authentication-refused = O seu banco não aceitou o cartão. Nada foi debitado. Indique outro cartão, se lhe for proposto, ou contacte o seu banco.
