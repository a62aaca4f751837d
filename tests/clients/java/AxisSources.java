import org.apache.axis.wsdl.toJava.Emitter;

/**
 * What WSDL2Java and its Ant task do, for several documents in one start of Java:
 * AxisSources FOLDER URL.wsdl...
 */
public final class AxisSources {
    private AxisSources() {}

    public static void main(String[] arguments) throws Exception {
        for (int i = 1; i < arguments.length; i++) {
            Emitter emitter = new Emitter();
            emitter.setOutputDir(arguments[0]);
            emitter.run(arguments[i]);
        }
        System.exit(0); // Axis reads documents in threads that it leaves behind.
    }
}
