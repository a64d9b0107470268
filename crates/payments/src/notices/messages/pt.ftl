# Mensagens a quem paga.
notices-receipt-subject = Recibo de { $amount } – { $merchant }
notices-checking-subject = Estamos a verificar o seu pagamento
notices-accepted-subject = Pagamento aceite: { $amount }
notices-refused-subject = Pagamento recusado: { $amount }
notices-cancelled-subject = Pagamento anulado: { $amount }
notices-refund-subject = Reembolso de { $amount }

notices-hello = Bom dia, { $name },
notices-hello-unnamed = Bom dia,
notices-amount = Montante: { $amount }
notices-reference = Referência: { $reference }
notices-date = Data: { $when }
notices-refund-text = { $merchant } reembolsou-lhe { $amount }.

notices-receipt-follows = A ligação desta mensagem abre o seu recibo; poderá lê-lo e imprimi-lo durante 15 meses.
notices-checking-follows = Escrever-lhe-emos logo que o banco responda. A ligação desta mensagem mostra o estado do pagamento.
notices-accepted-follows = A ligação desta mensagem abre a sua confirmação.
notices-refused-follows = Para tentar novamente, abra a ligação desta mensagem.
notices-contact = Alguma questão? Ligue para { $phone } ou escreva para { $email }.
notices-contact-email = Alguma questão? Escreva para { $email }.
notices-test = TESTE: este pagamento é um ensaio, nenhum dinheiro foi movimentado.
