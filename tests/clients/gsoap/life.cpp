// The life of a subscription with proxies that gSOAP makes of the documents of 22.0, and every answer checked against
// them (SOAP_XML_STRICT).
//
//   life BASE_URL LOGIN PASSWORD

#include <iostream>
#include <sstream>
#include <string>

#include "AccountBinding.nsmap"
#include "soapAccountBindingProxy.h"
#include "soapAutoBillBindingProxy.h"
#include "soapBillingPlanBindingProxy.h"
#include "soapProductBindingProxy.h"
#include "soapTransactionBindingProxy.h"

static struct soap *context;
static std::string endpoint;
static vin__Authentication *auth;

template <class Type> Type *made() { return new Type(); } // lives as long as the program
static std::string *text(const std::string &value) { return new std::string(value); }
template <class Type> Type *kept(Type value) { return new Type(value); }

static std::string quoted(const std::string &value) {
    std::string shown = "\"";
    for (char each : value) {
        if (each == '"' || each == '\\') shown += '\\';
        shown += each;
    }
    return shown + "\"";
}
static std::string quoted(const std::string *value) { return value ? quoted(*value) : "null"; }
static std::string boolean(bool value) { return value ? "true" : "false"; }
static std::string boolean(const bool *value) { return value ? boolean(*value) : "null"; }

template <class Request> Request *asked() {
    auto *request = made<Request>();
    request->auth = auth;
    return request;
}

template <class Proxy> Proxy *proxy() { return new Proxy(context, endpoint.c_str()); }

static void check(int status, const char *what) {
    if (status == SOAP_OK) return;
    std::cerr << what << ": ";
    soap_stream_fault(context, std::cerr);
    exit(1);
}

static vin__NameValuePair *pair(const std::string &name, const std::string &value) {
    auto *made_pair = made<vin__NameValuePair>();
    made_pair->name = name, made_pair->value = value;
    return made_pair;
}

template <class Owner> std::string pairs(const Owner *owner) {
    std::string shown;
    for (const auto *each : owner->nameValues) {
        shown += (shown.empty() ? "" : ",") + std::string("[") + quoted(each->name) + "," + quoted(each->value) + "]";
    }
    return "[" + shown + "]";
}

static std::string product() {
    auto *request = asked<_prd__update>();
    auto *magazine = request->product = made<vin__Product>();
    magazine->merchantProductId = text("magazine");
    auto *description = made<vin__ProductDescription>();
    description->language = "DE", description->description = "Zeitschrift für Gärtner – 月刊";
    magazine->descriptions.push_back(description);
    magazine->endOfLifeTimestamp = kept<time_t>(1956556799);
    magazine->nameValues.push_back(pair("shelf", "north"));
    auto *price = made<vin__ProductPrice>();
    price->amount = "10.00", price->currency = text("USD");
    magazine->prices.push_back(price);
    _prd__updateResponse answer;
    check(proxy<ProductBindingProxy>()->update(request, answer), "Product.update");
    const auto *stored = answer.product;
    std::ostringstream shown;
    shown << "{\"code\":" << answer.return_->returnCode << ",\"created\":" << boolean(answer.created)
          << ",\"description\":" << quoted(stored->descriptions.at(0)->description)
          << ",\"end\":" << quoted(soap_dateTime2s(context, *stored->endOfLifeTimestamp))
          << ",\"price\":" << quoted(stored->prices.at(0)->amount) << ",\"names\":" << pairs(stored) << "}";
    return shown.str();
}

static std::string plan() {
    auto *request = asked<_bpl__update>();
    auto *monthly = request->billingPlan = made<vin__BillingPlan>();
    monthly->merchantBillingPlanId = text("monthly"), monthly->description = text("Monthly");
    auto *period = made<vin__BillingPlanPeriod>();
    period->type = kept(vin__BillingPeriodType__Month);
    period->quantity = kept(1), period->cycles = kept(0), period->free = kept(false);
    monthly->periods.push_back(period);
    monthly->nameValues.push_back(pair("a", "1"));
    monthly->nameValues.push_back(pair("b", "<&>"));
    _bpl__updateResponse answer;
    check(proxy<BillingPlanBindingProxy>()->update(request, answer), "BillingPlan.update");
    const auto *stored = answer.billingPlan->periods.at(0);
    std::ostringstream shown;
    shown << "{\"code\":" << answer.return_->returnCode << ",\"period\":["
          << quoted(soap_vin__BillingPeriodType2s(context, *stored->type)) << "," << *stored->quantity << "," << *stored->cycles
          << "," << boolean(stored->free) << "],\"names\":" << pairs(answer.billingPlan) << ",\"entitlements\":["
          << (answer.billingPlan->merchantEntitlementIds.empty() ? "" : "1") << "]}";
    return shown.str();
}

static vin__Account *ada;

static std::string account() {
    auto *request = asked<_acc__update>();
    auto *person = request->account = made<vin__Account>();
    person->merchantAccountId = text("ada"), person->name = text("Ádá Łovelace 東京 €");
    person->emailAddress = text("ada@example.org"), person->warnBeforeAutobilling = kept(true);
    person->nameValues.push_back(pair("tier", "gold"));
    auto *method = made<vin__PaymentMethod>();
    method->type = kept(vin__PaymentMethodType__CreditCard);
    method->merchantPaymentMethodId = text("card"), method->accountHolderName = text("Ádá Łovelace");
    method->active = kept(true);
    method->creditCard = made<vin__CreditCard>();
    method->creditCard->account = text("4111111111111111"), method->creditCard->expirationDate = text("203812");
    auto *home = method->billingAddress = made<vin__Address>();
    home->addr1 = text("1 Straße"), home->city = text("Köln"), home->postalCode = text("50667"), home->country = text("DE");
    method->nameValues.push_back(pair("CVN", "123"));
    person->paymentMethods.push_back(method);
    auto *answer = made<_acc__updateResponse>();
    check(proxy<AccountBindingProxy>()->update(request, *answer), "Account.update");
    ada = answer->account;
    const auto *card = ada->paymentMethods.at(0);
    std::ostringstream shown;
    shown << "{\"code\":" << answer->return_->returnCode << ",\"created\":" << boolean(answer->created)
          << ",\"name\":" << quoted(ada->name) << ",\"company\":" << quoted(ada->company)
          << ",\"warned\":" << boolean(ada->warnBeforeAutobilling) << ",\"names\":" << pairs(ada) << ",\"card\":["
          << quoted(soap_vin__PaymentMethodType2s(context, *card->type)) << "," << quoted(card->creditCard->account) << ","
          << quoted(card->billingAddress->city) << "," << boolean(card->active) << "]}";
    return shown.str();
}

static vin__PaymentMethod *stored_card() {
    auto *method = made<vin__PaymentMethod>();
    method->VID = ada->paymentMethods.at(0)->VID;
    return method;
}

static vin__PaymentMethod *accepted(const char *id, const char *payment_id) {
    auto *method = made<vin__PaymentMethod>();
    method->type = kept(vin__PaymentMethodType__MerchantAcceptedPayment);
    method->merchantPaymentMethodId = text(id);
    method->merchantAcceptedPayment = made<vin__MerchantAcceptedPayment>();
    method->merchantAcceptedPayment->paymentType = "Cheque";
    if (payment_id) {
        method->merchantAcceptedPayment->paymentId = text(payment_id);
        method->merchantAcceptedPayment->timestamp = kept(time(nullptr));
        method->merchantAcceptedPayment->note = text("Scheck");
    }
    return method;
}

static std::string log_of(const vin__Transaction *transaction) {
    std::string shown;
    for (const auto *each : transaction->statusLog) {
        shown += (shown.empty() ? "" : ",") + quoted(soap_vin__TransactionStatusType2s(context, each->status));
    }
    return "[" + shown + "]";
}

static std::string subscribe(const char *id, vin__PaymentMethod *method) {
    auto *request = asked<_abl__update>();
    auto *bill = request->autobill = made<vin__AutoBill>();
    bill->merchantAutoBillId = text(id);
    bill->account = made<vin__Account>(), bill->account->VID = ada->VID;
    bill->billingPlan = made<vin__BillingPlan>(), bill->billingPlan->merchantBillingPlanId = text("monthly");
    bill->paymentMethod = method, bill->currency = text("USD");
    auto *item = made<vin__AutoBillItem>();
    item->index = kept(0);
    item->product = made<vin__Product>(), item->product->merchantProductId = text("magazine");
    bill->items.push_back(item);
    request->immediateAuthFailurePolicy = kept(vin__ImmediateAuthFailurePolicy__doNotSaveAutoBill);
    request->validateForFuturePayment = kept(true), request->minChargebackProbability = kept(100);
    request->ignoreCvnPolicy = kept(true), request->dryrun = kept(false);
    auto *answer = made<_abl__updateResponse>();
    check(proxy<AutoBillBindingProxy>()->update(request, *answer), "AutoBill.update");
    std::ostringstream shown;
    shown << "{\"code\":" << answer->return_->returnCode;
    if (const auto *first = answer->initialTransaction) {
        shown << ",\"status\":[" << quoted(soap_vin__AutoBillStatus2s(context, *answer->autobill->status)) << ","
              << quoted(soap_vin__BillingState2s(context, *answer->autobill->billingState)) << ","
              << quoted(soap_vin__TransactionStatusType2s(context, answer->authStatus->status)) << "]"
              << ",\"items\":" << answer->autobill->items.size()
              << ",\"next\":" << quoted(answer->autobill->nextBilling->amount) << ",\"amount\":" << quoted(first->amount)
              << ",\"cycle\":" << *first->autoBillCycle << ",\"log\":" << log_of(first)
              << ",\"names\":" << first->nameValues.size();
    }
    shown << "}";
    return shown.str();
}

static vin__AutoBill *by_invoice() {
    auto *bill = made<vin__AutoBill>();
    bill->merchantAutoBillId = text("by-invoice");
    return bill;
}

static std::string numbers(vin__InvoiceStates state) {
    auto *request = asked<_abl__fetchInvoiceNumbers>();
    request->autobill = by_invoice(), request->invoicestate = kept(state);
    _abl__fetchInvoiceNumbersResponse answer;
    check(proxy<AutoBillBindingProxy>()->fetchInvoiceNumbers(request, answer), "AutoBill.fetchInvoiceNumbers");
    std::string shown;
    for (const auto &each : answer.invoicenum) shown += (shown.empty() ? "" : ",") + quoted(each);
    return "[" + shown + "]";
}

static std::string pay(vin__PaymentMethod *method, const char *amount) {
    auto *request = asked<_abl__makePayment>();
    request->autobill = by_invoice(), request->paymentMethod = method, request->amount = amount;
    request->currency = text("USD"), request->note = text("bezahlt – schön");
    request->overageDisposition = kept(vin__PaymentOverageDisposition__applytoOldestInvoice);
    request->usePaymentMethodForFutureBilling = kept(false);
    _abl__makePaymentResponse answer;
    check(proxy<AutoBillBindingProxy>()->makePayment(request, answer), "AutoBill.makePayment");
    const auto *paid = answer.transaction;
    std::ostringstream shown;
    shown << "[" << answer.return_->returnCode << "," << quoted(soap_vin__TransactionAttemptSummary2s(context, *answer.summary)) << ","
          << quoted(paid->amount) << "," << quoted(paid->note) << ","
          << quoted(soap_vin__TransactionStatusType2s(context, paid->statusLog.at(0)->status)) << "]";
    return shown.str();
}

template <class Request> Request *of_ada() {
    auto *request = asked<Request>();
    request->account = made<vin__Account>();
    request->account->merchantAccountId = text("ada");
    request->includeChildren = kept(false), request->page = kept(0), request->pageSize = kept(10);
    return request;
}

static std::string autobills() {
    _abl__fetchByAccountResponse answer;
    check(proxy<AutoBillBindingProxy>()->fetchByAccount(of_ada<_abl__fetchByAccount>(), answer), "AutoBill.fetchByAccount");
    std::string shown;
    for (const auto *each : answer.autobills) shown += (shown.empty() ? "" : ",") + quoted(each->merchantAutoBillId);
    return "[" + shown + "]";
}

static std::string transactions() {
    _trn__fetchByAccountResponse answer;
    check(
        proxy<TransactionBindingProxy>()->fetchByAccount(of_ada<_trn__fetchByAccount>(), answer),
        "Transaction.fetchByAccount");
    std::string shown;
    for (const auto *each : answer.transactions) shown += (shown.empty() ? "" : ",") + quoted(each->amount);
    return "[" + shown + "]";
}

// What was fetched is changed and sent back whole.
static std::string sent_back() {
    auto *account = asked<_acc__fetchByMerchantAccountId>();
    account->merchantAccountId = "ada";
    _acc__fetchByMerchantAccountIdResponse fetched;
    check(proxy<AccountBindingProxy>()->fetchByMerchantAccountId(account, fetched), "Account.fetchByMerchantAccountId");
    auto *renaming = asked<_acc__update>();
    renaming->account = fetched.account, renaming->account->name = text("Ada Ö");
    _acc__updateResponse renamed;
    check(proxy<AccountBindingProxy>()->update(renaming, renamed), "Account.update");

    auto *bill = asked<_abl__fetchByMerchantAutoBillId>();
    bill->merchantAutoBillId = "by-card";
    _abl__fetchByMerchantAutoBillIdResponse bought;
    check(proxy<AutoBillBindingProxy>()->fetchByMerchantAutoBillId(bill, bought), "AutoBill.fetchByMerchantAutoBillId");
    auto *changing = asked<_abl__update>();
    changing->autobill = bought.autobill, changing->autobill->customerAutoBillName = text("Größe");
    changing->minChargebackProbability = kept(100);
    _abl__updateResponse changed;
    check(proxy<AutoBillBindingProxy>()->update(changing, changed), "AutoBill.update");
    std::ostringstream shown;
    shown << "[" << renamed.return_->returnCode << "," << boolean(renamed.created) << "," << quoted(renamed.account->name)
          << "," << pairs(renamed.account) << "," << changed.return_->returnCode << ","
          << quoted(changed.autobill->customerAutoBillName) << "," << changed.autobill->items.size() << "]";
    return shown.str();
}

static std::string refused(const char *whom) {
    auto *request = asked<_acc__fetchByMerchantAccountId>();
    request->merchantAccountId = whom;
    _acc__fetchByMerchantAccountIdResponse answer;
    check(proxy<AccountBindingProxy>()->fetchByMerchantAccountId(request, answer), "Account.fetchByMerchantAccountId");
    std::ostringstream shown;
    shown << "[" << answer.return_->returnCode << "," << quoted(answer.return_->returnString) << ","
          << boolean(answer.account != nullptr) << "]";
    return shown.str();
}

static std::string fault() {
    auto *request = asked<_acc__fetchByMerchantAccountId>();
    request->soap_serialize(context);
    soap_begin(context);
    if (soap_connect(context, endpoint.c_str(), "x") || soap_envelope_begin_out(context) || soap_body_begin_out(context) ||
        request->soap_put(context, "acc:noSuchOperation", nullptr) || soap_body_end_out(context) ||
        soap_envelope_end_out(context) || soap_end_send(context)) {
        check(context->error, "sending");
    }
    if (!soap_begin_recv(context) && !soap_envelope_begin_in(context) && !soap_recv_header(context) &&
        !soap_body_begin_in(context)) {
        soap_recv_fault(context, 1);
    }
    std::ostringstream shown;
    shown << "[" << context->error << "," << quoted(*soap_faultcode(context)) << "," << quoted(*soap_faultstring(context))
          << "]";
    soap_closesock(context);
    return shown.str();
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    context = soap_new1(SOAP_XML_STRICT | SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);
    endpoint = std::string(arguments[1]) + "/soap.pl";
    auth = made<vin__Authentication>();
    auth->version = "22.0", auth->login = arguments[2], auth->password = arguments[3];

    std::cout << "{\"client\":\"gSOAP " << GSOAP_VERSION << "\",\"product\":" << product();
    std::cout << ",\"plan\":" << plan() << ",\"account\":" << account();
    std::cout << ",\"by card\":" << subscribe("by-card", stored_card());
    subscribe("by-invoice", accepted("invoice", nullptr));
    std::cout << ",\"invoices\":[" << numbers(vin__InvoiceStates__Due) << ","
              << numbers(vin__InvoiceStates__Written_x0020Off) << "]";
    std::cout << ",\"paid\":[" << pay(stored_card(), "4.00") << "," << pay(accepted("cheque-7", "7"), "6.0") << "]";
    std::cout << ",\"left\":" << numbers(vin__InvoiceStates__Due);
    std::cout << ",\"autobills\":" << autobills() << ",\"transactions\":" << transactions();
    std::cout << ",\"sent back\":" << sent_back();
    auth->password = "wrong";
    const std::string stranger = refused("ada");
    auth->password = arguments[3];
    std::cout << ",\"refused\":[" << stranger << "," << refused("nobody") << "],\"fault\":" << fault() << "}\n";
}
