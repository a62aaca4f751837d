import java.math.BigDecimal;
import java.net.URL;
import java.time.OffsetDateTime;
import javax.xml.namespace.QName;
import javax.xml.soap.MessageFactory;
import javax.xml.soap.SOAPBody;
import javax.xml.soap.SOAPConnection;
import javax.xml.soap.SOAPConnectionFactory;
import javax.xml.soap.SOAPElement;
import javax.xml.soap.SOAPException;
import javax.xml.soap.SOAPMessage;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** SAAJ, messages made and read by hand, in version 4.3: Saaj URL LOGIN PASSWORD. */
public final class Saaj {
    private static final String ROOT = "http://soap.vindicia.com/v4_3/";
    private static final String INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";

    private final SOAPConnection connection;
    private final URL endpoint;
    private final String login;
    private final String password;

    private Saaj(String url, String login, String password) throws Exception {
        connection = SOAPConnectionFactory.newInstance().createConnection();
        endpoint = new URL(url + "/soap.pl");
        this.login = login;
        this.password = password;
    }

    public static void main(String[] arguments) throws Exception {
        Saaj program = new Saaj(arguments[0], arguments[1], arguments[2]);
        program.account();
        String invoice = program.autobill();
        program.payment(invoice);
        new Saaj(arguments[0], arguments[1], "wrong").refusal();
        program.fault();
        program.connection.close();
    }

    /** A message for an operation, and the operation's element to hang arguments on. */
    private SOAPElement operation(SOAPMessage message, String service, String name) throws SOAPException {
        message.getMimeHeaders().addHeader("SOAPAction", '"' + ROOT + service + "#" + name + '"');
        SOAPElement operation = message.getSOAPBody().addChildElement(new QName(ROOT + service, name, "ns"));
        SOAPElement auth = operation.addChildElement("auth");
        text(auth, "version", "4.3");
        text(auth, "login", login);
        text(auth, "password", password);
        return operation;
    }

    private static SOAPMessage message() throws SOAPException {
        return MessageFactory.newInstance().createMessage();
    }

    private static void text(SOAPElement parent, String name, String value) throws SOAPException {
        parent.addChildElement(name).addTextNode(value);
    }

    private static void nil(SOAPElement parent, String name) throws SOAPException {
        parent.addChildElement(name).addAttribute(new QName(INSTANCE, "nil", "xsi"), "true");
    }

    private static void pair(SOAPElement parent, String name, String value) throws SOAPException {
        SOAPElement pair = parent.addChildElement("nameValues");
        text(pair, "name", name);
        text(pair, "value", value);
    }

    private static void card(SOAPElement method) throws SOAPException {
        text(method, "type", "CreditCard");
        SOAPElement card = method.addChildElement("creditCard");
        text(card, "account", "4111111111111111");
        text(card, "expirationDate", "203812");
        nil(card, "bin");
    }

    private SOAPBody answer(SOAPMessage request) throws SOAPException {
        request.saveChanges();
        return connection.call(request, endpoint).getSOAPBody();
    }

    private static void told(String call, Element body) {
        Told.that(call, value(body, "return/returnCode") + " " + value(body, "return/returnString"));
    }

    /** The text at a path below the answer's element, or null. */
    private static String value(Element body, String path) {
        Element at = body;
        String[] names = ("*/" + path).split("/");
        for (String name : names) {
            Element found = null;
            NodeList children = at.getChildNodes();
            for (int i = 0; found == null && i < children.getLength(); i++) {
                if (children.item(i) instanceof Element
                        && (name.equals("*") || name.equals(children.item(i).getLocalName()))) {
                    found = (Element) children.item(i);
                }
            }
            if (found == null) {
                return null;
            }
            at = found;
        }
        return at.getTextContent();
    }

    private void account() throws SOAPException {
        SOAPMessage request = message();
        SOAPElement account = operation(request, "Account", "update").addChildElement("account");
        text(account, "merchantAccountId", "account");
        text(account, "name", "Zoë Müßig-Łukasiewicz 李");
        text(account, "emailAddress", "zoe@example.org");
        nil(account, "company");
        nil(account, "shippingAddress");
        nil(account, "taxExemptions");
        text(account, "warnBeforeAutobilling", "true");
        SOAPElement method = account.addChildElement("paymentMethods");
        text(method, "merchantPaymentMethodId", "card");
        card(method);
        pair(account, "größe", "ñandú 🦙");
        SOAPBody body = answer(request);
        told("Account.update", body);
        Told.that("account.created", value(body, "created"));
        Told.that("account.name", value(body, "account/name"));
        Told.that("account.company", value(body, "account/company"));
        Told.that("account.warn", value(body, "account/warnBeforeAutobilling"));
        Told.that("account.card", value(body, "account/paymentMethods/creditCard/account"));
        Told.that("account.pair", value(body, "account/nameValues/name") + "="
                + value(body, "account/nameValues/value"));
    }

    private String autobill() throws SOAPException {
        SOAPMessage request = message();
        SOAPElement operation = operation(request, "AutoBill", "update");
        SOAPElement autobill = operation.addChildElement("autobill");
        text(autobill, "merchantAutoBillId", "bill");
        text(autobill.addChildElement("account"), "merchantAccountId", "account");
        text(autobill.addChildElement("paymentMethod"), "merchantPaymentMethodId", "card");
        SOAPElement plan = autobill.addChildElement("billingPlan");
        text(plan, "merchantBillingPlanId", "plan");
        text(plan, "description", "Monthly");
        text(plan, "status", "Active");
        SOAPElement period = plan.addChildElement("periods");
        text(period, "type", "Month");
        text(period, "quantity", "1");
        text(period, "cycles", "0");
        SOAPElement product = autobill.addChildElement("items").addChildElement("product");
        text(product, "merchantProductId", "product");
        text(product, "status", "Active");
        SOAPElement price = product.addChildElement("prices");
        text(price, "amount", new BigDecimal(14.99).toString()); // all the digits of a double
        text(price, "currency", "USD");
        SOAPElement description = product.addChildElement("descriptions");
        text(description, "language", "EN");
        text(description, "description", "Magazine");
        text(autobill, "currency", "USD");
        pair(autobill, "a", "1");
        pair(autobill, "b", "2");
        text(operation, "duplicateBehavior", "Fail");
        text(operation, "validatePaymentMethod", "false");
        text(operation, "minChargebackProbability", "100");
        SOAPBody body = answer(request);
        told("AutoBill.update", body);
        Told.that("autobill.created", value(body, "created"));
        Told.that("autobill.status", value(body, "autobill/status"));
        Told.that("autobill.price", value(body, "autobill/items/product/prices/amount"));
        Told.that("autobill.pairs", body.getElementsByTagName("nameValues").getLength() >= 2);
        OffsetDateTime start = OffsetDateTime.parse(value(body, "autobill/startTimestamp"));
        Told.that("autobill.started", start.isBefore(OffsetDateTime.now().plusDays(1)));

        request = message();
        operation = operation(request, "AutoBill", "fetchInvoiceNumbers");
        text(operation.addChildElement("autobill"), "merchantAutoBillId", "bill");
        text(operation, "invoicestate", "Open");
        body = answer(request);
        told("AutoBill.fetchInvoiceNumbers", body);
        return value(body, "invoicenum");
    }

    private void payment(String invoice) throws SOAPException {
        SOAPMessage request = message();
        SOAPElement operation = operation(request, "AutoBill", "makePayment");
        text(operation.addChildElement("autobill"), "merchantAutoBillId", "bill");
        card(operation.addChildElement("paymentMethod"));
        text(operation, "amount", "14.99");
        nil(operation, "currency");
        text(operation, "invoiceId", invoice);
        nil(operation, "overageDisposition");
        nil(operation, "usePaymentMethodForFutureBilling");
        SOAPBody body = answer(request);
        told("AutoBill.makePayment", body);
        Told.that("payment.summary", value(body, "summary"));
        Told.that("payment.amount", value(body, "transaction/amount"));
    }

    private void refusal() throws SOAPException {
        SOAPMessage request = message();
        text(operation(request, "Account", "fetchByMerchantAccountId"), "merchantAccountId", "account");
        SOAPBody body = answer(request);
        told("refused", body);
        Told.that("refused.fault", body.hasFault());
        Told.that("refused.account", value(body, "account"));
    }

    private void fault() throws SOAPException {
        SOAPMessage request = message();
        operation(request, "Account", "fetchByMoon");
        SOAPBody body = answer(request);
        Told.that("fault", body.hasFault() ? body.getFault().getFaultCodeAsQName().getLocalPart() + " "
                + body.getFault().getFaultString() : "none");
    }
}
